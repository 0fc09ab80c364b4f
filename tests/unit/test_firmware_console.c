#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board_memory.h"
#include "virtual/net_relay.h"
#include "rows.h"

/* The shell of a virtual board on port C, in memory, with time standing still. */
extern const struct firmware firmware_console;

TestSuite(firmware_console, .timeout = 20);

enum { C = 2, D = 3 };

static void start(struct board_memory *m, const char *keys)
{
	struct err err = { 0 };

	cr_assert_eq(memory_start(m, &firmware_console, keys, 1, &err), 0, "%s", err.text);
}

static void boot(struct board_memory *m, const char *keys)
{
	const char *said;

	start(m, keys);
	memory_run(m, 801);
	said = memory_said(m, C);
	cr_assert(strstr(said, "virt> "), "no prompt after boot: %s", said);
}

/* Answer to a command, without its echo and the prompt. */
static const char *ask(struct board_memory *m, const char *command)
{
	static char out[8192];
	char line[256];
	const char *said;
	size_t n;

	snprintf(line, sizeof(line), "%s\r", command);
	memory_type(m, C, line);
	memory_run(m, 20);
	said = memory_said(m, C);
	n = strlen(command);
	cr_assert(!strncmp(said, command, n) && !strncmp(said + n, "\r\n", 2), "echo: '%s'", said);
	snprintf(out, sizeof(out), "%s", said + n + 2);
	n = strlen(out);
	cr_assert(n >= 6 && !strcmp(out + n - 6, "virt> "), "prompt: '%s'", said);
	out[n - 6] = '\0';
	return out;
}

static const char *mac_of(struct board_memory *m)
{
	static char mac[18];
	const char *said = ask(m, "mac");

	cr_assert_eq(strlen(said), strlen("mac: ") + 17 + 2, "'%s'", said);
	memcpy(mac, said + 5, 17);
	return mac;
}

Test(firmware_console, boots_in_its_time_and_shows_a_prompt)
{
	struct board_memory m;

	start(&m, "");
	memory_run(&m, 0);
	cr_expect_str_eq(memory_said(&m, C), "boot: virtual boot loader\r\n");
	memory_run(&m, 795);
	cr_expect_not(strstr(memory_said(&m, C), "virt> "));
	memory_run(&m, 6);
	cr_expect_str_eq(memory_said(&m, C), "boot: ready\r\n\r\nvirtual console board\r\nvirt> ");
	memory_stop(&m);
}

static const struct ask_row {
	const char *command, *answer;
} asks[] = {
	{ "version", "virtual console board\r\nOS version: 24.06\r\nkernel: virt\r\n"
		     "board: console\r\n" },
	{ "uname -r", "24.06\r\n" },
	{ "uname", "virt\r\n" },
	{ "uname -x", "usage: uname [-r]\r\n" },
	{ "id", "ab12\r\n" },
	{ "mac", "mac: 02:11:22:33:44:55\r\n" },
	{ "mac eth0", "mac: 02:11:22:33:44:55\r\n" },
	{ "mac wlan0", "mac: no interface 'wlan0'\r\n" },
	{ "uptime", "uptime: 0.801 s\r\n" },
	{ "status", "status: ready\r\nboots: 1\r\nrecoveries: 0\r\nuptime: 0.801 s\r\n" },
	{ "echo two   words", "two words\r\n" },
	{ "echo", "\r\n" },
	{ "", "" },
	{ "   ", "" },
	{ "set mac", "set: command not found\r\n" },
	{ "gpio read", "gpio: 0000\r\n" },
	{ "gpio drive 1 1", "gpio: 0003\r\n" },
	{ "gpio drive 0x8001 8000", "gpio: 8000\r\n" },
	{ "gpio drive 10000 0", "gpio: pins are 0..15\r\n" },
	{ "gpio drive x 0", "gpio: pins are 0..15\r\n" },
	{ "gpio release", "gpio: 0000\r\n" },
	{ "gpio", "usage: gpio drive MASK LEVELS | read | release\r\n" },
	{ "iperf3", "iperf3: error - needs either -s or -c HOST\r\n" },
	{ "iperf3 -s", "iperf3: error - a server needs -1: it serves one measurement\r\n" },
	{ "iperf3 -s -1 -c 1.2.3.4", "iperf3: error - needs either -s or -c HOST\r\n" },
	{ "iperf3 -c 1.2.3.4 -t 0", "iperf3: error - option '-t' cannot be '0'\r\n" },
	{ "iperf3 -c host", "iperf3: error - option '-c' cannot be 'host'\r\n" },
	{ "iperf3 -c 1.2.3.4 -b 1T", "iperf3: error - option '-b' cannot be '1T'\r\n" },
	{ "iperf3 -c 1.2.3.4 -p", "iperf3: error - option '-p' cannot be ''\r\n" },
	{ "iperf3 -c 1.2.3.4 --logfile x", "iperf3: error - unknown option '--logfile'\r\n" },
};

TEST_ROWS(firmware_console, command, asks)
{
	struct board_memory m;
	const char *got;

	boot(&m, "mac = 02:11:22:33:44:55\ndevice_id = ab12\nloopback = 0-1, 2-3\n");
	memory_run(&m, -1);
	got = ask(&m, asks[*i].command);
	cr_expect_str_eq(got, asks[*i].answer);
	memory_stop(&m);
}

Test(firmware_console, help_names_every_command)
{
	static const char *const names[] = { "help",     "version", "uname",   "id",   "mac",
					     "status",   "uptime",  "echo",    "gpio", "iperf3",
					     "recovery", "restart", "poweroff" };
	struct board_memory m;
	const char *said;

	boot(&m, "");
	said = ask(&m, "help");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_expect(strstr(said, names[i]), "%s", names[i]);
	memory_stop(&m);
}

Test(firmware_console, a_line_can_be_edited)
{
	struct board_memory m;

	boot(&m, "");
	memory_type(&m, C, "ecko\b\bho hi\x7fo\r");
	memory_run(&m, 5);
	cr_expect_str_eq(memory_said(&m, C), "ecko\b \b\b \bho hi\b \bo\r\nho\r\nvirt> ");
	memory_type(&m, C,
		    "nonsense\x15"
		    "echo b\n");
	memory_run(&m, 5);
	cr_expect_str_eq(memory_said(&m, C),
			 "nonsense\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \becho b\r\nb\r\nvirt> ");
	memory_type(&m, C, "\x7f\b");
	cr_expect_str_eq(memory_said(&m, C), "", "nothing to take back");
	memory_type(&m, C, "restart\x03");
	memory_run(&m, 5);
	cr_expect_str_eq(memory_said(&m, C), "restart^C\r\nvirt> ");
	memory_stop(&m);
}

Test(firmware_console, cr_lf_is_one_line_end)
{
	struct board_memory m;

	boot(&m, "");
	memory_type(&m, C, "echo a\r\n");
	memory_run(&m, 5);
	cr_expect_str_eq(memory_said(&m, C), "echo a\r\na\r\nvirt> ");
	memory_type(&m, C, "\n\r\n");
	memory_run(&m, 5);
	cr_expect_str_eq(memory_said(&m, C), "\r\nvirt> \r\nvirt> ");
	memory_stop(&m);
}

Test(firmware_console, what_is_typed_too_early_waits)
{
	struct board_memory m;

	boot(&m, "answer_delay = 50 ms\n");
	memory_type(&m, C, "echo a\recho b\r");
	cr_expect_str_eq(memory_said(&m, C), "echo a\r\n");
	memory_run(&m, 49);
	cr_expect_str_eq(memory_said(&m, C), "");
	memory_run(&m, 2);
	cr_expect_str_eq(memory_said(&m, C), "a\r\nvirt> echo b\r\n");
	memory_run(&m, 51);
	cr_expect_str_eq(memory_said(&m, C), "b\r\nvirt> ");
	memory_stop(&m);
}

Test(firmware_console, a_line_that_is_too_long_rings_the_bell)
{
	struct board_memory m;
	char long_line[300];

	boot(&m, "");
	memset(long_line, 'x', sizeof(long_line));
	long_line[sizeof(long_line) - 1] = '\0';
	memory_type(&m, C, long_line);
	cr_expect_eq(strlen(memory_said(&m, C)), sizeof(long_line) - 1);
	memory_type(&m, C, "\r");
	memory_run(&m, 5);
	cr_expect(strstr(memory_said(&m, C), ": command not found"));
	memory_stop(&m);
}

Test(firmware_console, a_port_that_takes_little_gets_all)
{
	struct board_memory m;

	start(&m, "");
	m.taken_max = 7;
	memory_run(&m, 1200);
	cr_expect(strstr(memory_said(&m, C), "virtual console board\r\nvirt> "));
	memory_stop(&m);
}

Test(firmware_console, damaged_bytes_are_dropped_and_other_ports_ignored)
{
	struct board_memory m;

	boot(&m, "");
	firmware_console.byte(m.fw, C, 'x', 1, 0);
	memory_type(&m, 0, "x");
	cr_expect_str_eq(ask(&m, "echo a"), "a\r\n");
	memory_stop(&m);
}

Test(firmware_console, the_shell_can_be_on_another_port)
{
	struct board_memory m;

	start(&m, "console_port = A\nbaud = 9600\nprompt = \"# \"\nbanner = hello\n");
	memory_run(&m, 801);
	cr_expect(strstr(memory_said(&m, 0), "\r\nhello\r\n# "));
	cr_expect_eq(m.baud[0], 9600);
	memory_stop(&m);
}

Test(firmware_console, a_restart_keeps_the_mac_and_a_recovery_makes_a_new_one)
{
	struct board_memory m;
	char before[18], byte[3] = "";
	const char *said;

	boot(&m, "");
	snprintf(before, sizeof(before), "%s", mac_of(&m));
	memory_type(&m, C, "restart\r");
	memory_run(&m, 20);
	said = memory_said(&m, C);
	cr_expect(strstr(said, "restarting\r\nboot: virtual boot loader"), "%s", said);
	memory_run(&m, 801);
	cr_expect(strstr(memory_said(&m, C), "virt> "));
	cr_expect_str_eq(mac_of(&m), before);
	cr_expect_str_eq(firmware_console.value(m.fw, "boots"), "2");

	memory_type(&m, C, "recovery 24.09\r");
	memory_run(&m, 1050);
	said = memory_said(&m, C);
	cr_expect(strstr(said, "recovery: started 24.09\r\n"), "%s", said);
	for (int i = 10; i <= 100; i += 10) {
		char line[32];

		snprintf(line, sizeof(line), "recovery: %d %%\r\n", i);
		cr_expect(strstr(said, line), "%s", line);
	}
	cr_expect(strstr(said, "recovery: done\r\nboot: "), "%s", said);
	memory_run(&m, 801);
	memory_said(&m, C);
	cr_expect_str_neq(mac_of(&m), before);
	memcpy(byte, mac_of(&m), 2);
	cr_expect_eq(strtol(byte, NULL, 16) & 3, 2, "local, unicast: %s", byte);
	cr_expect_str_eq(ask(&m, "uname -r"), "24.09\r\n");
	memory_stop(&m);
}

Test(firmware_console, the_same_seed_makes_the_same_board)
{
	struct board_memory a, b;
	char mac[18];

	boot(&a, "");
	snprintf(mac, sizeof(mac), "%s", mac_of(&a));
	memory_stop(&a);
	boot(&b, "");
	cr_expect_str_eq(mac_of(&b), mac);
	memory_stop(&b);
}

Test(firmware_console, no_two_boards_share_a_mac)
{
	static char macs[40][18];
	size_t n = 0;

	for (int number = 1; number <= 10; number++) {
		struct board_memory m;

		memory_number = number;
		boot(&m, "");
		for (int i = 0; i < 4; i++, n++) {
			snprintf(macs[n], sizeof(macs[n]), "%s", mac_of(&m));
			for (size_t k = 0; k < n; k++)
				cr_expect_str_neq(macs[k], macs[n], "board %d, recovery %d", number,
						  i);
			memory_type(&m, C, "recovery\r");
			memory_run(&m, 1900);
			memory_said(&m, C);
		}
		memory_stop(&m);
	}
}

Test(firmware_console, unplugging_is_power_off_and_memory_survives)
{
	struct board_memory m;
	char before[18];

	boot(&m, "");
	memory_type(&m, C, "recovery\r");
	memory_run(&m, 1900);
	memory_said(&m, C);
	snprintf(before, sizeof(before), "%s", mac_of(&m));
	firmware_console.plugged(m.fw, 0);
	memory_type(&m, C, "echo a\r");
	memory_run(&m, 2000);
	cr_expect_str_eq(memory_said(&m, C), "");
	cr_expect_str_eq(firmware_console.value(m.fw, "state"), "off");
	firmware_console.plugged(m.fw, 1);
	memory_run(&m, 801);
	memory_said(&m, C);
	cr_expect_str_eq(mac_of(&m), before);
	memory_stop(&m);
}

Test(firmware_console, a_board_with_power_of_its_own_does_not_notice)
{
	struct board_memory m;

	boot(&m, "power = external\n");
	firmware_console.plugged(m.fw, 0);
	firmware_console.plugged(m.fw, 1);
	cr_expect_str_eq(ask(&m, "echo a"), "a\r\n");
	cr_expect_str_eq(firmware_console.value(m.fw, "boots"), "1");
	memory_stop(&m);
}

Test(firmware_console, reset_holds_the_board)
{
	struct board_memory m;

	boot(&m, "");
	firmware_console.pins(m.fw, D, 0x40, 0x40, 0);
	cr_expect_str_eq(ask(&m, "echo a"), "a\r\n");
	firmware_console.pins(m.fw, C, 0x40, 0x00, 0);
	cr_expect_str_eq(ask(&m, "echo a"), "a\r\n", "port C has no reset line");
	firmware_console.pins(m.fw, D, 0x40, 0x00, 0);
	memory_run(&m, 2000);
	memory_type(&m, C, "echo a\r");
	cr_expect_str_eq(memory_said(&m, C), "");
	cr_expect_str_eq(firmware_console.value(m.fw, "state"), "held");
	firmware_console.pins(m.fw, D, 0x00, 0x00, 0);
	memory_run(&m, 801);
	cr_expect(strstr(memory_said(&m, C), "virt> "));
	cr_expect_str_eq(ask(&m, "echo a"), "a\r\n");
	memory_stop(&m);
}

Test(firmware_console, poweroff_until_reset)
{
	struct board_memory m;
	const char *press[] = { "press", "reset" };
	struct err err = { 0 };
	char reply[80];

	boot(&m, "");
	memory_type(&m, C, "poweroff\r");
	memory_run(&m, 3000);
	cr_expect_str_eq(memory_said(&m, C), "poweroff\r\npower off\r\n");
	cr_expect_eq(firmware_console.control(reply, sizeof(reply), m.fw, 2, press, &err), 0);
	memory_run(&m, 99);
	cr_expect_str_eq(memory_said(&m, C), "");
	memory_run(&m, 802);
	cr_expect(strstr(memory_said(&m, C), "virt> "));
	memory_stop(&m);
}

Test(firmware_console, nvram_survives_the_program)
{
	char path[] = "/tmp/test-nvram-XXXXXX", keys[128], mac[18];
	struct board_memory m;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	unlink(path);
	snprintf(keys, sizeof(keys), "nvram = %s\nrecovery_os = 25.01\n", path);
	boot(&m, keys);
	memory_type(&m, C, "recovery\r");
	memory_run(&m, 1900);
	memory_said(&m, C);
	snprintf(mac, sizeof(mac), "%s", mac_of(&m));
	memory_stop(&m);
	boot(&m, keys);
	cr_expect_str_eq(mac_of(&m), mac);
	cr_expect_str_eq(ask(&m, "uname -r"), "25.01\r\n");
	memory_stop(&m);
	unlink(path);
}

static const struct {
	const char *keys, *text;
} wrong[] = {
	{ "mac = 02:11\n", "02:00:00:00:00:01" },
	{ "loopback = 0-16\n", "pin 16 does not exist" },
	{ "loopback = P1-P2\n", "pins are numbers" },
	{ "fault = gpio_open 0-1\n", "not wired" },
	{ "fault = mac_volatil\n", "did you mean 'mac_volatile'" },
	{ "nvram = /proc/version\n", "nvram" },
};

TEST_ROWS(firmware_console, wrong_keys, wrong)
{
	struct board_memory m;
	struct err err = { 0 };

	cr_expect_lt(memory_start(&m, &firmware_console, wrong[*i].keys, 1, &err), 0, "%s",
		     wrong[*i].keys);
	cr_expect(strstr(err.text, wrong[*i].text), "%s", err.text);
	m.fw = NULL;
	memory_stop(&m);
}

Test(firmware_console, control)
{
	static const char *const words[][4] = {
		{ "fault", "gpio_short", "4", "5" },
		{ "clear", "gpio_short" },
		{ "clear", "gpio_short" },
		{ "fault", "nonsense" },
		{ "get", "mac" },
		{ "get", "weather" },
		{ "dance" },
		{ "fault", "gpio_open", "4-5" },
	};
	static const int argcs[] = { 4, 2, 2, 2, 2, 2, 1, 3 };
	static const int codes[] = { 0, 0, ERR_USAGE, ERR_PLAN, 0, ERR_USAGE, ERR_USAGE, ERR_PLAN };
	struct board_memory m;
	char reply[80];

	boot(&m, "mac = 02:11:22:33:44:55\n");
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct err err = { 0 };

		cr_expect_eq(firmware_console.control(reply, sizeof(reply), m.fw, argcs[i],
						      words[i], &err),
			     codes[i], "%zu: %s", i, err.text);
		if (i == 0)
			cr_expect_str_eq(ask(&m, "gpio drive 10 10"), "gpio: 0030\r\n");
		if (i == 1)
			cr_expect_str_eq(ask(&m, "gpio drive 10 10"), "gpio: 0010\r\n");
		if (i == 4)
			cr_expect_str_eq(reply, "02:11:22:33:44:55");
	}
	cr_expect_str_eq(ask(&m, "gpio read"), "gpio: 0010\r\n", "a refused fault changes nothing");
	memory_stop(&m);
}

/* --- the real iperf3 behind the board's cable; time runs --- */

static const char *wait_for(struct board_memory *m, const char *text, int64_t ms)
{
	int64_t until = clock_ms() + ms;

	while (!strstr(sbuf_str(&m->said[C]), text) && clock_ms() < until)
		loop_turn(m->host.loop, clock_ns() + 20000000);
	return strstr(sbuf_str(&m->said[C]), text);
}

static pid_t run_iperf(const char *const *argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		int nul = open("/dev/null", O_RDWR);

		dup2(nul, 0);
		dup2(nul, 1);
		dup2(nul, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid;
}

static void live(struct board_memory *m, const char *keys)
{
	struct err err = { 0 };

	cr_assert_eq(memory_start(m, &firmware_console, keys, 0, &err), 0, "%s", err.text);
	cr_assert(wait_for(m, "virt> ", 2000));
	memory_said(m, C);
}

Test(firmware_console, iperf3_server)
{
	char port[8], keys[128], text[64], line[64];
	const char *argv[] = { "iperf3", "-c", "127.0.0.1", "-p", port, "-t", "1", NULL };
	struct err err = { 0 };
	struct board_memory m;
	const char *said;
	int status, p = net_free_port(&err);
	pid_t client;

	snprintf(keys, sizeof(keys),
		 "boot_time = 10 ms\nnet = 127.0.0.1:%d\nlink_rate = 20 Mbit/s\n", p);
	live(&m, keys);
	snprintf(port, sizeof(port), "%d", p);
	snprintf(line, sizeof(line), "iperf3 -s -1 -p %d\r", p);
	memory_type(&m, C, line);
	snprintf(text, sizeof(text), "iperf3: listening on 127.0.0.1:%d\r\n", p);
	cr_assert(wait_for(&m, text, 5000), "%s", sbuf_str(&m.said[C]));
	client = run_iperf(argv);
	cr_expect(wait_for(&m, "virt> ", 8000), "%s", sbuf_str(&m.said[C]));
	said = memory_said(&m, C);
	cr_expect(strstr(said, "receiver"), "%s", said);
	cr_expect_not(strstr(said, "Server listening"), "%s", said);
	waitpid(client, &status, 0);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	memory_stop(&m);
}

Test(firmware_console, iperf3_client_and_interrupt)
{
	char port[8], line[96];
	const char *argv[] = { "iperf3", "-s", "-1", "-p", port, NULL };
	struct err err = { 0 };
	struct board_memory m;
	int status, p = net_free_port(&err);
	pid_t server;

	live(&m, "boot_time = 10 ms\nlink_rate = 20 Mbit/s\n");
	snprintf(port, sizeof(port), "%d", p);
	server = run_iperf(argv);
	for (int i = 0; i < 1000 && !net_listens(p); i++)
		usleep(5000);
	snprintf(line, sizeof(line), "iperf3 -c 127.0.0.1 -p %d -t 1 -f k\r", p);
	memory_type(&m, C, line);
	cr_expect(wait_for(&m, "virt> ", 8000), "%s", sbuf_str(&m.said[C]));
	cr_expect(strstr(sbuf_str(&m.said[C]), "Kbits/sec"), "%s", sbuf_str(&m.said[C]));
	cr_expect(strstr(sbuf_str(&m.said[C]), "receiver"));
	waitpid(server, &status, 0);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the server was content");
	memory_said(&m, C);

	server = run_iperf(argv);
	for (int i = 0; i < 1000 && !net_listens(p); i++)
		usleep(5000);
	snprintf(line, sizeof(line), "iperf3 -c 127.0.0.1 -p %d -t 60\r", p);
	memory_type(&m, C, line);
	cr_assert(wait_for(&m, "connected to", 5000), "%s", sbuf_str(&m.said[C]));
	memory_type(&m, C, "\x03");
	cr_expect(wait_for(&m, "virt> ", 3000), "%s", sbuf_str(&m.said[C]));
	kill(server, SIGKILL);
	waitpid(server, &status, 0);
	memory_stop(&m);
}

/* Not one process of the board is left when its power goes. */
Test(firmware_console, iperf3_ends_with_the_power)
{
	struct err err = { 0 };
	struct board_memory m;
	char line[64];
	int p = net_free_port(&err);

	live(&m, "boot_time = 10 ms\n");
	snprintf(line, sizeof(line), "iperf3 -s -1 -p %d\r", p);
	memory_type(&m, C, line);
	cr_assert(wait_for(&m, "listening on", 5000), "%s", sbuf_str(&m.said[C]));
	cr_expect(net_listens(p));
	firmware_console.plugged(m.fw, 0);
	cr_expect_not(net_listens(p));
	cr_expect(waitpid(-1, NULL, WNOHANG) < 0, "a child is left");
	memory_stop(&m);
}
