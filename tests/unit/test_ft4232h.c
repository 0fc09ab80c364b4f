#include "ft4232h_rig.h"

TestSuite(ft4232h, .timeout = 20, .fini = rig_close);

Test(ft4232h, echo_unpaced)
{
	struct urb *in, *out;

	rig_open_unpaced();
	rig.echo = 1;
	in = rig_in(2, 512);
	cr_assert_eq(rig.completed, 1, "the timer has run out long ago");
	cr_assert_eq(in->actual, 2);
	in = rig_in(2, 512);
	out = rig_out(2, "hello", 5);
	cr_assert_eq(rig_when(out), 0);
	rig_until(16 * MS);
	cr_assert_eq(rig_when(in), 16 * MS);
	cr_assert_eq(in->actual, 7);
	cr_assert_arr_eq(in->data + 2, "hello", 5);
}

Test(ft4232h, echo_paced)
{
	struct urb *in, *out;

	rig_open(NULL);
	rig.echo = 1;
	rig_speed(0, 0x04e2, 2, 9600);
	rig_in(0, 512);
	rig_pass(125 * US);
	rig_set(0, 6, 0x100 | 'o', 0);
	in = rig_in(0, 512);
	out = rig_out(0, "hello", 5);
	rig_until(100 * MS);
	cr_assert_eq(rig_when(out), 250 * US);
	cr_assert_eq(in->actual, 7);
	cr_assert_eq(rig_when(in), rig_frame(125 * US + 6 * 10 * 1000000000ll / 9600));
}
