#include <criterion/criterion.h>

#include "board/mt3620_refusal.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_refusal, .timeout = 20);

/* N as the board sends it and its code, mt3620.md 5.3. */
static const struct known {
	unsigned long n;
	const char *text;
	enum err_blame blame;
} knowns[] = {
	{ 10485765, "10.5 interface busy, request refused", BLAME_UNIT },
	{ 10485778, "10.18 command not authorised", BLAME_PLAN },
	{ 13631491, "13.3 Wi-Fi network not found", BLAME_UNIT },
	{ 13631492, "13.4 Wi-Fi not connected", BLAME_UNIT },
	{ 13631505, "13.17 Wi-Fi still starting", BLAME_UNIT },
	{ 13631506, "13.18 Wi-Fi interface disabled", BLAME_UNIT },
	{ 13631513, "13.25 PSK too short", BLAME_PLAN },
	{ 14680076, "14.12 application not present", BLAME_UNIT },
	{ 14680082, "14.18 not enough space", BLAME_UNIT },
	{ 15728642, "15.2 invalid request URI", BLAME_UNIT },
	{ 15728644, "15.4 content too large", BLAME_PLAN },
	{ 31457286, "30.6 invalid hardware address", BLAME_PLAN },
	{ 31457294, "30.14 interface not available", BLAME_UNIT },
	{ 31457295, "30.15 operation not permitted on the interface", BLAME_PLAN },
	{ 7340047, "7.15 image not trusted", BLAME_PLAN },
	{ 7340069, "7.37 permission denied", BLAME_UNIT },
	{ 7340071, "7.39 over-the-air update running", BLAME_UNIT },
	{ 3145735, "3.7 restart required", BLAME_UNIT },
	{ 5242883, "5.3 application asks for a GPIO that is not defined", BLAME_PLAN },
	{ 5242884, "5.4 GPIO in use", BLAME_PLAN },
	{ 5242895, "5.15 GPIO block in use", BLAME_PLAN },
};

TEST_ROWS(board_mt3620_refusal, known, knowns)
{
	const struct mt3620_refusal *e = mt3620_refusal_find(knowns[*i].n);
	struct sbuf b = { 0 };

	cr_assert_not_null(e);
	mt3620_refusal_print(&b, knowns[*i].n);
	cr_expect_str_eq(sbuf_str(&b), knowns[*i].text);
	cr_expect_eq(err_blame(e->code), knowns[*i].blame);
	sbuf_release(&b);
}

Test(board_mt3620_refusal, unknown_is_shown)
{
	struct sbuf b = { 0 };

	cr_expect_null(mt3620_refusal_find(MT3620_REFUSAL(99, 7)));
	mt3620_refusal_print(&b, MT3620_REFUSAL(99, 7));
	cr_expect_str_eq(sbuf_str(&b), "99.7");
	sbuf_reset(&b);
	mt3620_refusal_print(&b, 0xffffffff);
	cr_expect_str_eq(sbuf_str(&b), "4095.1048575");
	sbuf_release(&b);
}
