#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/ui_rig.h"
#include "ui/picture.h"

TestSuite(picture, .timeout = 30);

static const char lamp[] = "tests/data/lamp.png"; /* 24 x 12: red, green, blue, white quarters */

Test(picture, load_and_scale)
{
	struct picture p, s;
	struct err err = { 0 };

	cr_assert_eq(picture_load(&p, lamp, &err), 0, "%s", err.text);
	cr_expect_eq(p.w, 24);
	cr_expect_eq(p.h, 12);
	picture_scale(&s, &p, 2, 2);
	cr_expect_arr_eq(s.rgb,
			 ((unsigned char[]){ 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255 }), 12);
	picture_free(&s);
	picture_scale(&s, &p, 100, 50); /* larger */
	cr_expect_arr_eq(s.rgb + (49 * 100 + 99) * 3, ((unsigned char[]){ 255, 255, 255 }), 3);
	picture_free(&s);
	picture_free(&p);
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
	struct err err = { 0 };

	cr_assert_eq(file_write(path, bytes, n, &err), 0, "%s", err.text);
}

Test(picture, broken_files_are_a_message)
{
	char path[] = "/tmp/test-picture-XXXXXX";
	struct picture p;
	struct err err = { 0 };
	struct arena a = { 0 };
	char *good;
	size_t n;

	cr_assert_geq(mkstemp(path), 0);
	cr_expect_lt(picture_load(&p, path, &err), 0, "an empty file");
	cr_expect_null(p.rgb);
	cr_expect_lt(picture_load(&p, "tests/data", &err), 0, "a folder");
	cr_expect_lt(picture_load(&p, "/nowhere/x.png", &err), 0);
	cr_expect_neq(strstr(err.text, "/nowhere/x.png"), NULL, "%s", err.text);
	write_bytes(path, "no picture", 10);
	cr_expect_eq(picture_load(&p, path, &err), ERR_USAGE);
	cr_assert_eq(file_read(&good, &n, &a, lamp, 1 << 20, &err), 0);
	for (size_t i = 0; i < n; i++) { /* cut at every byte, and each byte changed */
		write_bytes(path, good, i);
		/* Without the last chunk all pixels are there, and libpng minds no more. */
		cr_expect_neq(picture_load(&p, path, &err) < 0, i >= n - 16 && p.rgb, "cut at %zu",
			      i);
		picture_free(&p);
		good[i] ^= 0x55;
		write_bytes(path, good, n);
		good[i] ^= 0x55;
		if (!picture_load(&p, path, &err))
			picture_free(&p);
	}
	good[16] = good[20] = 0x7f; /* 2130706456 pixels wide */
	write_bytes(path, good, n);
	cr_expect_lt(picture_load(&p, path, &err), 0);
	unlink(path);
	arena_free(&a);
}

Test(picture, what_terminals_answer)
{
	static const struct {
		const char *said;
		int colours, utf8;
		enum picture_how how;
	} rows[] = {
		{ "\x1b[?62;4;22c", 256, 1, PICTURE_SIXEL }, /* xterm -ti vt340 */
		{ "\x1b[?63;1;2;4c", 256, 1, PICTURE_SIXEL },
		{ "\x1b[?1;2c", 256, 1, PICTURE_HALVES }, /* tmux */
		{ "\x1b[?64;14;40c", 256, 1, PICTURE_HALVES },
		{ "\x1b_Gi=31;OK\x1b\\\x1b[?62c", 256, 1, PICTURE_KITTY },
		{ "\x1b_Gi=31;ENOTSUP\x1b\\\x1b[?62c", 256, 1, PICTURE_HALVES },
		{ "", 8, 1, PICTURE_TEXT },
		{ "", 256, 0, PICTURE_TEXT },
		{ "4;4;4", 8, 1, PICTURE_TEXT },
		{ "\x1b[?", 8, 1, PICTURE_TEXT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(picture_how_of(rows[i].said, strlen(rows[i].said), rows[i].colours,
					    rows[i].utf8),
			     rows[i].how, "%zu", i);
}

Test(picture, sixel_and_kitty)
{
	struct picture p, s;
	struct err err = { 0 };
	struct sbuf out = { 0 };

	cr_assert_eq(picture_load(&p, lamp, &err), 0);
	picture_scale(&s, &p, 2, 2);
	picture_sixel(&out, &s);
	cr_expect_neq(strstr(sbuf_str(&out), "\x1bPq\"1;1;2;2"), NULL);
	/* red is 180 = 5*36, green 30, blue 5, white 215; bit 0 is the upper line */
	cr_expect_neq(strstr(sbuf_str(&out), "#5A?$#30?@$#180@?$#215?A$-\x1b\\"), NULL, "%s",
		      sbuf_str(&out));
	sbuf_reset(&out);
	picture_free(&s);
	picture_scale(&s, &p, 20, 2);
	picture_sixel(&out, &s);
	cr_expect_neq(strstr(sbuf_str(&out), "#5!10A!10?$#30!10?!10@$"), NULL, "runs: %s",
		      sbuf_str(&out));
	picture_free(&s);
	picture_scale(&s, &p, 2, 2);
	sbuf_reset(&out);
	picture_kitty(&out, &s);
	cr_expect_str_eq(sbuf_str(&out),
			 "\x1b_Ga=T,f=24,q=2,C=1,s=2,v=2,m=0;/wAAAP8AAAD/////\x1b\\");
	sbuf_release(&out);
	picture_free(&s);
	picture_free(&p);
}

static void ask(struct ui_rig *r, const char *file)
{
	ui_rig_run(r, 0);
	r->slot[0].question = (struct floor_question){
		.number = 1, .kind = "text", .text = "Is this the lamp?", .picture = file
	};
	ui_changed(&r->ui);
}

Test(picture, in_a_question)
{
	struct ui_rig r;
	struct sbuf out = { 0 };

	ui_rig_open(&r, "xterm-256color", 43, 132, 4);
	ask(&r, lamp);
	picture_set(PICTURE_HALVES, 0, 0);
	cr_expect(ui_rig_golden(&r, "picture-halves"));
	picture_set(PICTURE_TEXT, 0, 0);
	cr_expect(ui_rig_golden(&r, "picture-text"));
	picture_set(PICTURE_SIXEL, 10, 20);
	ui_draw(&r.ui);
	cr_expect_eq(picture_flush(&out), 0);
	cr_expect_gt(out.len, 100, "sent once");
	cr_expect(!strncmp(sbuf_str(&out),
			   "\x1b"
			   "7\x1b[",
			   4) &&
			  !strcmp(sbuf_str(&out) + out.len - 2, "\x1b"
								"8"),
		  "and the cursor is where curses left it");
	sbuf_reset(&out);
	ui_draw(&r.ui);
	picture_flush(&out);
	cr_expect_eq(out.len, 0, "and not again while it stands there");
	ui_rig_press(&r, PRESS_ESC);
	ui_draw(&r.ui);
	cr_expect_eq(picture_flush(&out), 1, "what was below it is drawn again");
	picture_set(PICTURE_HALVES, 0, 0);
	ask(&r, "/nowhere/lamp.png");
	ui_rig_press(&r, PRESS_F10);
	cr_expect(ui_rig_golden(&r, "picture-missing"));
	sbuf_release(&out);
	picture_release();
	ui_rig_close(&r);
}

Test(picture, kitty_is_told_to_take_it_away)
{
	struct ui_rig r;
	struct sbuf out = { 0 };

	ui_rig_open(&r, "xterm-256color", 43, 132, 4);
	ask(&r, lamp);
	picture_set(PICTURE_KITTY, 10, 20);
	ui_draw(&r.ui);
	picture_flush(&out);
	cr_expect_neq(strstr(sbuf_str(&out), "\x1b_Ga=T"), NULL);
	ui_rig_press(&r, PRESS_ESC);
	ui_draw(&r.ui);
	sbuf_reset(&out);
	cr_expect_eq(picture_flush(&out), 1);
	cr_expect_str_eq(sbuf_str(&out), "\x1b_Ga=d,q=2\x1b\\", "it is taken away");
	sbuf_release(&out);
	picture_release();
	ui_rig_close(&r);
}
