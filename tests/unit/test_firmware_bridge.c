#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board_memory.h"
#include "virtual/bridge_channel.h"
#include "rows.h"

/* Real sockets, terminals and programs outside; the chip's side in memory. */
extern const struct firmware firmware_bridge;

TestSuite(firmware_bridge, .timeout = 20);

enum { A, B, C, D };

static char dir[] = "/tmp/test-bridge-XXXXXX";

static void begin(struct board_memory *m, const char *key, const char *value, const char *more)
{
	char keys[512];
	struct err err = { 0 };

	snprintf(keys, sizeof(keys), "%s = %s\n%s", key, value, more);
	cr_assert_eq(memory_start(m, &firmware_bridge, keys, 0, &err), 0, "%s", err.text);
}

static const char *in_dir(const char *prefix, const char *name)
{
	static char text[128];
	static int made;

	if (!made) {
		made = 1;
		cr_assert_not_null(mkdtemp(dir));
	}
	snprintf(text, sizeof(text), "%s%s/%s", prefix, dir, name);
	return text;
}

static void clean(void)
{
	unlink(in_dir("", "s"));
	rmdir(dir);
}

static void turn(struct board_memory *m, int64_t ms)
{
	for (int64_t until = clock_ns() + ms * 1000000; clock_ns() < until;)
		loop_turn(m->host.loop, until);
}

static int hears(struct board_memory *m, int port, const char *text)
{
	for (int64_t until = clock_ms() + 4000; clock_ms() < until;) {
		if (!strcmp(sbuf_str(&m->said[port]), text))
			return 1;
		loop_turn(m->host.loop, clock_ns() + 5000000);
	}
	cr_log_error("heard '%s'", sbuf_str(&m->said[port]));
	return 0;
}

/* What arrives at fd within 4 s, until it is `text`. */
static int arrives(struct board_memory *m, int fd, const char *text)
{
	char got[256] = "";
	size_t have = 0;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int64_t until = clock_ms() + 4000; clock_ms() < until;) {
		ssize_t n = read(fd, got + have, sizeof(got) - 1 - have);

		if (n > 0)
			have += (size_t)n;
		if (!strcmp(got, text))
			return 1;
		loop_turn(m->host.loop, clock_ns() + 5000000);
	}
	cr_log_error("arrived: '%s'", got);
	return 0;
}

static int unix_socket(const char *path, int serve)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (serve) {
		cr_assert(!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 4));
	} else if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int taken(struct board_memory *m, int server)
{
	int fd = -1;

	fcntl(server, F_SETFL, O_NONBLOCK);
	for (int64_t until = clock_ms() + 4000; fd < 0 && clock_ms() < until;) {
		loop_turn(m->host.loop, clock_ns() + 5000000);
		fd = accept(server, NULL, NULL);
	}
	return fd;
}

Test(firmware_bridge, a_program_echoes_and_runs_again)
{
	struct board_memory m;

	begin(&m, "channel_c", "exec:read x; echo got $x", "");
	memory_type(&m, C, "one\n");
	cr_expect(hears(&m, C, "got one\n"));
	memory_said(&m, C);
	turn(&m, 700);
	memory_type(&m, C, "lost\n");
	turn(&m, 600);
	memory_type(&m, C, "two\n");
	cr_expect(hears(&m, C, "got two\n"), "it runs again after a second");
	memory_stop(&m);
	cr_expect(waitpid(-1, NULL, WNOHANG) < 0, "a child is left");
}

Test(firmware_bridge, a_program_that_does_not_read_ends_with_the_board)
{
	struct board_memory m;
	char path[128];

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	begin(&m, "channel_a", "exec:sleep 100 & sleep 100", "");
	memory_type(&m, A, "x");
	turn(&m, 50);
	firmware_bridge.plugged(m.fw, 0);
	cr_expect(waitpid(-1, NULL, WNOHANG) < 0, "it ends with the power");
	firmware_bridge.plugged(m.fw, 1);
	turn(&m, 50);
	memory_stop(&m);
	cr_expect(waitpid(-1, NULL, WNOHANG) < 0);
	clean();
}

Test(firmware_bridge, a_long_last_word_arrives_whole)
{
	struct board_memory m;

	begin(&m, "channel_b", "exec:head -c 100000 /dev/zero | tr '\\0' z", "");
	m.taken_max = 1000;
	for (int64_t until = clock_ms() + 4000; m.said[B].len < 100000 && clock_ms() < until;)
		loop_turn(m.host.loop, clock_ns() + 5000000);
	cr_expect_geq(m.said[B].len, 100000u);
	cr_expect_eq(strspn(sbuf_str(&m.said[B]), "z"), m.said[B].len);
	memory_stop(&m);
}

Test(firmware_bridge, connects_to_a_socket_and_again)
{
	struct board_memory m;
	char path[128];
	int server, fd;

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	begin(&m, "channel_d", in_dir("unix:", "s"), "");
	memory_type(&m, D, "nobody");
	turn(&m, 50);
	server = unix_socket(path, 1);
	for (int round = 0; round < 2; round++) {
		fd = taken(&m, server);
		cr_assert_geq(fd, 0, "round %d", round);
		turn(&m, 20);
		memory_type(&m, D, "to you");
		cr_expect(arrives(&m, fd, "to you"));
		cr_assert_eq(write(fd, "to me", 5), 5);
		cr_expect(hears(&m, D, "to me"));
		memory_said(&m, D);
		close(fd);
	}
	close(server);
	memory_stop(&m);
	clean();
}

Test(firmware_bridge, listens_for_one_client_at_a_time)
{
	struct board_memory m, second;
	char path[128], keys[160];
	struct err err = { 0 };
	int fd, next;

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	close(unix_socket(path, 1)); /* a dead socket is in the way */
	begin(&m, "channel_a", in_dir("listen:", "s"), "");
	snprintf(keys, sizeof(keys), "channel_a = listen:%s\n", path);
	fd = unix_socket(path, 0);
	cr_assert_geq(fd, 0);
	turn(&m, 20);
	next = unix_socket(path, 0);
	memory_type(&m, A, "hello");
	cr_expect(arrives(&m, fd, "hello"));
	cr_assert_eq(write(next, "next", 4), 4);
	turn(&m, 50);
	cr_expect_str_eq(memory_said(&m, A), "");
	close(fd);
	cr_expect(hears(&m, A, "next"));
	cr_expect_lt(memory_start(&second, &firmware_bridge, keys, 0, &err), 0);
	cr_expect(strstr(err.text, "'channel_a': "), "%s", err.text);
	second.fw = NULL;
	memory_stop(&second);
	close(next);
	memory_stop(&m);
	cr_expect(access(path, F_OK) < 0, "the socket is removed");
	clean();
}

Test(firmware_bridge, a_terminal_stays_while_clients_come_and_go)
{
	struct board_memory m;
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	cr_assert_eq(symlink("/nowhere", path), 0); /* of a program that was killed */
	begin(&m, "channel_c", in_dir("pty:", "s"), "");
	for (int round = 0; round < 2; round++) {
		int fd = open(path, O_RDWR | O_NOCTTY);

		cr_assert_geq(fd, 0);
		memory_type(&m, C, "raw\r\x03");
		cr_expect(arrives(&m, fd, "raw\r\x03"));
		cr_assert_eq(write(fd, "back\n", 5), 5);
		cr_expect(hears(&m, C, "back\n"), "no echo, no CR");
		memory_said(&m, C);
		close(fd);
		turn(&m, 20);
	}
	memory_stop(&m);
	cr_expect(lstat(path, &st) < 0, "the link is removed");
	clean();
}

Test(firmware_bridge, a_file_in_the_way_is_not_removed)
{
	static const char *const kinds[] = { "pty:", "listen:" };
	char path[128], keys[160];

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	close(open(path, O_CREAT | O_WRONLY, 0600));
	for (int i = 0; i < 2; i++) {
		struct board_memory m;
		struct err err = { 0 };

		snprintf(keys, sizeof(keys), "channel_c = %s%s\n", kinds[i], path);
		cr_expect_eq(memory_start(&m, &firmware_bridge, keys, 0, &err), ERR_FILE);
		cr_expect(strstr(err.text, path), "%s", err.text);
		m.fw = NULL;
		memory_stop(&m);
		cr_expect(!access(path, F_OK));
	}
	clean();
}

Test(firmware_bridge, a_slow_port_holds_the_outside)
{
	static char block[65536];
	struct board_memory m;
	char path[128];
	size_t wrote = 0;
	int fd;

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	begin(&m, "channel_a", in_dir("listen:", "s"), "");
	m.taken_max = 10; /* each send; then it takes all the same */
	fd = unix_socket(path, 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	m.full = 1;
	for (int i = 0; i < 200; i++) {
		ssize_t n = write(fd, block, sizeof(block));

		wrote += n > 0 ? (size_t)n : 0;
		turn(&m, 1);
	}
	cr_expect_lt(wrote, 2u << 20, "the writer has to wait");
	cr_expect_eq(m.said[A].len, 0);
	m.full = 0;
	for (int64_t until = clock_ms() + 8000; m.said[A].len < wrote && clock_ms() < until;)
		loop_turn(m.host.loop, clock_ns() + 5000000);
	cr_expect_eq(m.said[A].len, wrote, "nothing is lost");
	close(fd);
	memory_stop(&m);
	clean();
}

Test(firmware_bridge, flow_control_holds_the_chip)
{
	struct board_memory m;
	char path[128], got[4096];
	size_t have = 0, typed = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	begin(&m, "channel_a", in_dir("listen:", "s"), "rtscts = yes\n");
	cr_expect_eq(m.mask[A], 0x08);
	cr_expect_eq(m.levels[A], 0x00);
	fd = unix_socket(path, 0);
	turn(&m, 20);
	while (!m.levels[A] && typed < 4u << 20) {
		memory_type(&m, A, "0123456789abcdef");
		typed += 16;
		if (typed % 4096 == 0)
			turn(&m, 0);
		if (typed % 65536 == 0)
			loop_turn(m.host.loop, 0);
	}
	cr_assert_eq(m.levels[A], 0x08, "CTS# goes high");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int64_t until = clock_ms() + 4000; have < typed && clock_ms() < until;) {
		while ((n = read(fd, got, sizeof(got))) > 0)
			have += (size_t)n;
		loop_turn(m.host.loop, clock_ns() + 1000000);
	}
	cr_expect_eq(have, typed, "nothing is lost");
	cr_expect_eq(m.levels[A], 0x00, "and low again");
	cr_expect(strstr(firmware_bridge.value(m.fw, "channel_a"), " 0 lost"), "%s",
		  firmware_bridge.value(m.fw, "channel_a"));
	close(fd);
	memory_stop(&m);
	clean();
}

Test(firmware_bridge, without_flow_control_the_rest_is_counted)
{
	struct board_memory m;
	char path[128];
	const char *value;
	int fd;

	snprintf(path, sizeof(path), "%s", in_dir("", "s"));
	begin(&m, "channel_a", in_dir("listen:", "s"), "");
	fd = unix_socket(path, 0);
	turn(&m, 20);
	for (int i = 0; i < 2 << 20; i++)
		firmware_bridge.byte(m.fw, A, 'x', 0, 0);
	value = firmware_bridge.value(m.fw, "channel_a");
	cr_expect(strstr(value, " connected, ") && !strstr(value, " 0 lost"), "%s", value);
	close(fd);
	memory_stop(&m);
	clean();
}

static const char *const wrong[] = {
	"",
	"channel_a = tcp:1.2.3.4:5\n",
	"channel_a = unix:\n",
	"channel_b = pty:/no/such/dir/x\n",
	"channel_d = listen:/no/such/dir/x\n",
	"channel_c = "
	"unix:/a_path_of_more_than_108_bytes_does_not_fit_into_the_name_of_a_socket_as_the"
	"_kernel_knows_it_and_is_refused_at_once\n",
};

TEST_ROWS(firmware_bridge, wrong_keys, wrong)
{
	struct board_memory m;
	struct err err = { 0 };

	cr_expect_lt(memory_start(&m, &firmware_bridge, wrong[*i], 0, &err), 0, "%s", wrong[*i]);
	cr_expect(strstr(err.text, "channel_"), "%s", err.text);
	m.fw = NULL;
	memory_stop(&m);
}
