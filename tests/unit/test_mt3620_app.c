#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "mt3620_rig.h"
#include "virtual/child.h"
#include "virtual/net_relay.h"
#include "rows.h"

/* The test application on a virtual board; the station's end is a socket here. */
TestSuite(mt3620_app, .timeout = 60);

struct desk {
	struct mt3620_rig r;
	struct mt3620_app *app;
	int listener, fd;
	char address[32], line[2048];
	struct sbuf in;
};

static void live(struct desk *d, int ms)
{
	int64_t until = clock_ns() + (int64_t)ms * 1000000;

	while (clock_ns() < until)
		loop_turn(d->r.memory.host.loop, until);
}

/* The next line from the application, "" where none comes in time. */
static const char *hear(struct desk *d, int ms)
{
	int64_t until = clock_ms() + ms;

	for (;;) {
		char *end = d->in.len ? memchr(d->in.data, '\n', d->in.len) : NULL, bytes[2048];
		ssize_t n;

		if (end) {
			size_t len = (size_t)(end - d->in.data);

			snprintf(d->line, sizeof(d->line), "%.*s", (int)len, d->in.data);
			memmove(d->in.data, end + 1, d->in.len - len - 1);
			d->in.len -= len + 1;
			return d->line;
		}
		if (clock_ms() >= until)
			return "";
		live(d, 1);
		n = recv(d->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n == 0)
			return "(closed)";
		if (n > 0)
			sbuf_add(&d->in, bytes, (size_t)n);
	}
}

static int take_call(struct desk *d, int ms)
{
	int64_t until = clock_ms() + ms;

	while (clock_ms() < until) {
		live(d, 1);
		d->fd = accept(d->listener, NULL, NULL);
		if (d->fd >= 0)
			return 0;
	}
	return -1;
}

static void begin(struct desk *d, const char *faults)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t size = sizeof(sa);

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	d->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(d->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	cr_assert_eq(listen(d->listener, 4), 0);
	cr_assert_eq(getsockname(d->listener, (struct sockaddr *)&sa, &size), 0);
	snprintf(d->address, sizeof(d->address), "127.0.0.1:%d", ntohs(sa.sin_port));
	rig_init(&d->r, "");
	d->r.args->app_station = d->address;
	d->r.m->flash.images = 1; /* no board configuration: all pins are free */
	rig_faults(&d->r, faults);
	d->app = mt3620_app_new(d->r.m);
}

static void wire(struct desk *d)
{
	static struct param_pair pairs[] = {
		{ "59", "0" }, { "56", "1" }, { "58", "2" }, { "57", "3" }, { "60", "4" }
	};
	struct err err = { 0 };

	d->r.args->loopback = (struct param_pairs){ pairs, 5 };
	cr_assert_eq(mt3620_app_pins(d->r.m, &err), 0, "%s", err.text);
}

static void meet(struct desk *d)
{
	mt3620_app_run(d->app);
	cr_assert_eq(take_call(d, 3000), 0, "nobody connects");
	hear(d, 2000);
}

static void end(struct desk *d)
{
	mt3620_app_free(d->app);
	if (d->fd >= 0)
		close(d->fd);
	close(d->listener);
	sbuf_release(&d->in);
	rig_release(&d->r);
}

static const char *ask(struct desk *d, const char *line)
{
	cr_assert_eq(send(d->fd, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
	cr_assert_eq(send(d->fd, "\n", 1, MSG_NOSIGNAL), 1);
	return hear(d, 7000);
}

Test(mt3620_app, says_hello_with_its_id)
{
	struct desk d;
	char want[160] = "HELLO gpio 1 ";

	memset(want + 13, 'a', 128);
	begin(&d, "");
	mt3620_app_run(d.app);
	cr_assert_eq(take_call(&d, 3000), 0);
	cr_expect_str_eq(hear(&d, 2000), want);
	cr_expect(mt3620_app_runs(d.app));
	end(&d);
}

static const struct row {
	const char *faults, *line, *answer;
} rows[] = {
	{ "", "READ 0 1", "OK 0=0 1=0" },
	{ "", "READ 80 26 75", "OK 80=0 26=0 75=0" },
	{ "", "PULL 0 UP", "OK" },
	{ "", "PULL  0  NONE ", "OK" },
	{ "", "IN 23", "OK" },
	{ "", "OUT 23 1", "OK" },
	{ "", "OUT 23 1\r", "OK" },
	{ "", "OUT 23 2", "ERR argument" },
	{ "", "OUT 23", "ERR argument" },
	{ "", "OUT 23 1 1", "ERR argument" },
	{ "", "OUT -1 1", "ERR argument" },
	{ "", "OUT x 1", "ERR argument" },
	{ "", "OUT 24 1", "ERR pin" },
	{ "", "IN 25", "ERR pin" },
	{ "", "PULL 49 UP", "ERR pin" },
	{ "", "PULL 0 up", "ERR argument" },
	{ "", "READ 0 76", "ERR pin" },
	{ "", "READ", "ERR argument" },
	{ "", "read 0", "ERR unknown" },
	{ "", "", "ERR unknown" },
	{ "", "FROB 1", "ERR unknown" },
	{ "", "BYE now", "ERR argument" },
	{ "app_pin_taken 7", "OUT 7 1", "ERR busy" },
	{ "app_pin_taken 7", "READ 6 7", "ERR busy" },
	{ "gpio_stuck_high 7", "READ 7 8", "OK 7=1 8=0" },
	{ "", "IPERF host 5201 tcp up 1 0 0", "ERR argument" },
	{ "", "IPERF 127.0.0.1 0 tcp up 1 0 0", "ERR argument" },
	{ "", "IPERF 127.0.0.1 5201 tcp up 0 0 0", "ERR argument" },
	{ "", "IPERF 127.0.0.1 5201 tcp sideways 1 0 0", "ERR argument" },
	{ "", "IPERF 127.0.0.1 5201 sctp up 1 0 0", "ERR argument" },
	{ "", "IPERF 127.0.0.1 5201 tcp up 1 0", "ERR argument" },
	{ "", "IPERF 127.0.0.1;reboot 5201 tcp up 1 0 0", "ERR argument" },
	{ "peer_missing", "IPERF 127.0.0.1 5201 tcp up 1 0 0", "ERR iperf" },
	{ "peer_refuses", "IPERF 127.0.0.1 5201 tcp up 1 0 0", "ERR connect" },
	{ "peer_silent", "IPERF 127.0.0.1 5201 tcp up 1 0 0", "ERR connect" },
	{ "peer_busy", "IPERF 127.0.0.1 5201 tcp up 1 0 0", "ERR connect" },
};

TEST_ROWS_IN(mt3620_app, line, rows, 60)
{
	struct desk d;

	begin(&d, rows[*i].faults);
	wire(&d);
	meet(&d);
	cr_expect_str_eq(ask(&d, rows[*i].line), rows[*i].answer, "(%s) %s: %s", rows[*i].faults,
			 rows[*i].line, d.line);
	end(&d);
}

Test(mt3620_app, a_driven_pin_is_seen_at_its_partner)
{
	struct desk d;

	begin(&d, "");
	wire(&d);
	meet(&d);
	cr_expect_str_eq(ask(&d, "OUT 59 1"), "OK");
	cr_expect_str_eq(ask(&d, "READ 59 0 56 1"), "OK 59=1 0=1 56=0 1=0");
	cr_expect_str_eq(ask(&d, "OUT 59 0"), "OK");
	cr_expect_str_eq(ask(&d, "PULL 0 UP"), "OK");
	cr_expect_str_eq(ask(&d, "READ 0"), "OK 0=0", "a driver is stronger than a pull");
	cr_expect_str_eq(ask(&d, "IN 59"), "OK");
	cr_expect_str_eq(ask(&d, "READ 0 59"), "OK 0=1 59=1");
	end(&d);
}

Test(mt3620_app, an_open_partner_follows_its_own_pull)
{
	struct desk d;

	begin(&d, "gpio_open 59-0");
	wire(&d);
	meet(&d);
	cr_expect_str_eq(ask(&d, "OUT 59 1"), "OK");
	cr_expect_str_eq(ask(&d, "PULL 0 DOWN"), "OK");
	cr_expect_str_eq(ask(&d, "READ 0"), "OK 0=0");
	cr_expect_str_eq(ask(&d, "PULL 0 UP"), "OK");
	cr_expect_str_eq(ask(&d, "READ 0"), "OK 0=1");
	end(&d);
}

Test(mt3620_app, the_ethernet_adapter_has_its_pins)
{
	struct desk d;

	begin(&d, "");
	d.r.m->flash.images = 2;
	meet(&d);
	cr_expect_str_eq(ask(&d, "READ 26"), "ERR busy");
	cr_expect_str_eq(ask(&d, "READ 5"), "ERR busy");
	cr_expect_str_eq(ask(&d, "READ 30"), "OK 30=0");
	end(&d);
}

Test(mt3620_app, bye_releases_all_pins_and_it_calls_again)
{
	struct desk d;

	begin(&d, "");
	wire(&d);
	meet(&d);
	ask(&d, "OUT 59 1");
	cr_expect_str_eq(ask(&d, "BYE"), "OK");
	cr_expect_str_eq(hear(&d, 2000), "(closed)");
	cr_expect(d.r.m->pins.driven == 0);
	close(d.fd);
	cr_assert_eq(take_call(&d, 2000), 0);
	cr_expect_eq(strncmp(hear(&d, 2000), "HELLO gpio 1 ", 13), 0);
	end(&d);
}

Test(mt3620_app, the_end_of_a_connection_releases_all_pins)
{
	struct desk d;

	begin(&d, "");
	wire(&d);
	meet(&d);
	ask(&d, "OUT 59 1");
	ask(&d, "PULL 1 UP");
	close(d.fd);
	d.fd = -1;
	live(&d, 30);
	cr_expect(d.r.m->pins.driven == 0 && d.r.m->pins.pulled_up == 0);
	end(&d);
}

Test(mt3620_app, it_calls_again_until_somebody_is_there)
{
	struct desk d;
	char address[sizeof(d.address)];

	begin(&d, "");
	memcpy(address, d.address, sizeof(address));
	snprintf(d.address, sizeof(d.address), "127.0.0.1:1");
	mt3620_app_run(d.app);
	live(&d, 100);
	memcpy(d.address, address, sizeof(address));
	cr_expect_eq(take_call(&d, 2000), 0);
	end(&d);
}

Test(mt3620_app, stopped_it_is_gone)
{
	struct desk d;

	begin(&d, "");
	meet(&d);
	mt3620_app_stop(d.app);
	cr_expect_str_eq(hear(&d, 2000), "(closed)");
	cr_expect_eq(take_call(&d, 200), -1);
	cr_expect_not(mt3620_app_runs(d.app));
	end(&d);
}

Test(mt3620_app, lines_too_long_and_with_nul)
{
	static char longer[3000];
	struct desk d;

	memset(longer, 'x', sizeof(longer) - 1);
	begin(&d, "");
	meet(&d);
	cr_expect_str_eq(ask(&d, longer), "ERR argument");
	cr_expect_str_eq(ask(&d, "READ 0"), "OK 0=0", "and goes on behind it");
	cr_assert_eq(send(d.fd, "READ 0\0 1\n", 10, MSG_NOSIGNAL), 10);
	cr_expect_str_eq(hear(&d, 2000), "ERR argument");
	end(&d);
}

Test(mt3620_app, lines_in_pieces_and_several_at_once)
{
	struct desk d;

	begin(&d, "");
	meet(&d);
	send(d.fd, "READ", 4, MSG_NOSIGNAL);
	live(&d, 10);
	send(d.fd, " 0\nREAD 1\nREAD 2", 16, MSG_NOSIGNAL);
	cr_expect_str_eq(hear(&d, 2000), "OK 0=0");
	cr_expect_str_eq(hear(&d, 2000), "OK 1=0");
	cr_expect_str_eq(hear(&d, 50), "");
	send(d.fd, "\n", 1, MSG_NOSIGNAL);
	cr_expect_str_eq(hear(&d, 2000), "OK 2=0");
	end(&d);
}

Test(mt3620_app, faults_of_its_own)
{
	struct desk d;

	begin(&d, "app_absent");
	mt3620_app_run(d.app);
	cr_expect_eq(take_call(&d, 200), -1);
	end(&d);

	begin(&d, "app_other_id");
	mt3620_app_run(d.app);
	cr_assert_eq(take_call(&d, 2000), 0);
	cr_expect_eq(strncmp(hear(&d, 2000), "HELLO gpio 1 000000", 19), 0);
	end(&d);

	begin(&d, "app_silent");
	meet(&d);
	send(d.fd, "READ 0\n", 7, MSG_NOSIGNAL);
	cr_expect_str_eq(hear(&d, 200), "");
	end(&d);
}

Test(mt3620_app, wiring_that_cannot_be)
{
	static struct param_pair pairs[] = { { "0", "24" } };
	struct err err = { 0 };
	struct desk d;

	begin(&d, "");
	d.r.args->loopback = (struct param_pairs){ pairs, 1 };
	cr_expect_eq(mt3620_app_pins(d.r.m, &err), ERR_CONF);
	cr_expect(strstr(err.text, "GPIO 24"), "%s", err.text);
	end(&d);
}

/* --- iperf3: the real one on both ends --- */

static void server_ended(void *payload, int status)
{
	(void)status;
	*(int *)payload = 1;
}

static struct child *start_server(struct desk *d, int port, int *ended)
{
	const char *argv[] = { "iperf3", "-s", "-1", "-p", NULL, NULL };
	int nul = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct child *c = NULL;
	struct err err = { 0 };
	char text[16];

	snprintf(text, sizeof(text), "%d", port);
	argv[4] = text;
	cr_assert_eq(
		child_exec(&c, d->r.memory.host.loop, argv, nul, nul, server_ended, ended, &err), 0,
		"%s", err.text);
	close(nul);
	for (int i = 0; i < 400 && !net_listens(port); i++)
		live(d, 5);
	return c;
}

static void measure(const char *proto, const char *dir, const char *rate)
{
	struct err err = { 0 };
	struct desk d;
	char line[128];
	int port, ended = 0;
	struct child *server;

	begin(&d, "");
	meet(&d);
	port = net_free_port(&err);
	server = start_server(&d, port, &ended);
	snprintf(line, sizeof(line), "IPERF 127.0.0.1 %d %s %s 1 0 %s", port, proto, dir, rate);
	cr_expect_str_eq(ask(&d, line), "OK", "%s: %s", line, d.line);
	cr_expect_str_eq(ask(&d, "READ 0"), "ERR busy");
	cr_expect_str_eq(hear(&d, 9000), "DONE 0", "%s: %s", line, d.line);
	cr_expect_str_eq(ask(&d, "READ 0"), "OK 0=0");
	if (!ended)
		child_free(server);
	end(&d);
}

Test(mt3620_app, iperf_tcp_up)
{
	measure("tcp", "up", "0");
}

Test(mt3620_app, iperf_tcp_down)
{
	measure("tcp", "down", "0");
}

Test(mt3620_app, iperf_udp_up)
{
	measure("udp", "up", "2000000");
}

Test(mt3620_app, iperf_fails_in_the_middle)
{
	struct err err = { 0 };
	struct desk d;
	char line[128];
	int port, ended = 0;
	struct child *server;

	begin(&d, "");
	meet(&d);
	port = net_free_port(&err);
	server = start_server(&d, port, &ended);
	snprintf(line, sizeof(line), "IPERF 127.0.0.1 %d tcp up 5 0 0", port);
	cr_assert_str_eq(ask(&d, line), "OK");
	child_free(server);
	hear(&d, 16000);
	cr_expect(!strncmp(d.line, "DONE ", 5) && strcmp(d.line, "DONE 0") != 0, "'%s'", d.line);
	end(&d);
}

Test(mt3620_app, bye_ends_iperf)
{
	struct err err = { 0 };
	struct desk d;
	char line[128];
	int port, ended = 0;
	struct child *server;

	begin(&d, "");
	meet(&d);
	port = net_free_port(&err);
	server = start_server(&d, port, &ended);
	snprintf(line, sizeof(line), "IPERF 127.0.0.1 %d tcp up 30 0 0", port);
	cr_assert_str_eq(ask(&d, line), "OK");
	cr_expect_str_eq(ask(&d, "BYE"), "OK");
	cr_expect_str_eq(hear(&d, 2000), "(closed)");
	if (!ended)
		child_free(server);
	end(&d);
}
