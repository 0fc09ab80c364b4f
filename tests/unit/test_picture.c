#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <png.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "tests/unit/ui_rig.h"
#include "ui/picture_child.h"
#include "ui/picture_place.h"

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

/* One sequence with this head, whose PNG is p. */
static int is_kitty(const struct sbuf *out, const char *head, const struct picture *p)
{
	char path[] = "/tmp/test-kitty-XXXXXX";
	const char *s = sbuf_str(out) + 2;
	size_t n = strlen(head), len = out->len - 4 - n;
	unsigned char png[4096];
	struct picture got;
	struct err err = { 0 };
	int same, fd = mkstemp(path);

	if (fd < 0 || strncmp(s, head, n) != 0 || len > 4096)
		return 0;
	EVP_DecodeBlock(png, (const unsigned char *)s + n, (int)len);
	same = !write_all(fd, png, len / 4 * 3) && !picture_load(&got, path, &err) &&
	       got.w == p->w && got.h == p->h &&
	       !memcmp(got.rgb, p->rgb, (size_t)p->w * (size_t)p->h * 3);
	picture_free(&got);
	close(fd);
	unlink(path);
	return same;
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
	cr_expect(is_kitty(&out, "Ga=t,f=100,q=2,i=21364,m=0;", &s), "%s", sbuf_str(&out));
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

/* All pieces that are due in so many ms. */
static size_t pieces(struct ui_rig *r, struct sbuf *out, int64_t ms)
{
	size_t n = 0, most = 0;

	for (int64_t t = 0; t < ms && picture_place_due_ms() != CLOCK_NEVER; t += 10) {
		size_t was = out->len;

		picture_place_piece(out);
		n += out->len > was;
		most = out->len - was > most ? out->len - was : most;
		ui_rig_after(r, 10);
	}
	cr_expect_leq(most, PICTURE_PIECE + 200, "a piece of %zu", most);
	return n;
}

/* A photograph of the worst kind. */
static const char *noise(int w, int h)
{
	static char path[] = "/tmp/test-noise-XXXXXX";
	png_image image = { .version = PNG_IMAGE_VERSION,
			    .width = (png_uint_32)w,
			    .height = (png_uint_32)h,
			    .format = PNG_FORMAT_RGB };
	unsigned char *rgb = malloc((size_t)w * (size_t)h * 3);
	struct rng rng = { 7 };

	cr_assert(rgb && mkstemp(path) >= 0);
	for (size_t i = 0; i < (size_t)w * (size_t)h * 3; i++)
		rgb[i] = (unsigned char)rng_next(&rng);
	cr_assert(png_image_write_to_file(&image, path, 0, rgb, 0, NULL));
	free(rgb);
	return path;
}

static size_t count(const struct sbuf *out, const char *what)
{
	size_t n = 0;

	for (const char *s = sbuf_str(out); (s = strstr(s, what)); s += strlen(what))
		n++;
	return n;
}

Test(picture, in_a_question)
{
	struct ui_rig r;
	struct sbuf out = { 0 };

	ui_rig_open(&r, "xterm-256color", 43, 132, 4);
	ask(&r, lamp);
	picture_place_set(PICTURE_HALVES, PICTURE_HALVES, 0, 0);
	ui_rig_picture(&r);
	cr_expect(ui_rig_golden(&r, "picture-halves"));
	picture_place_set(PICTURE_TEXT, PICTURE_HALVES, 0, 0);
	ui_rig_picture(&r);
	cr_expect(ui_rig_golden(&r, "picture-text"));
	picture_place_set(PICTURE_SIXEL, PICTURE_HALVES, 10, 20);
	ui_rig_picture(&r);
	cr_expect_eq(picture_place_change(&out), 0);
	pieces(&r, &out, 5000);
	cr_expect_eq(count(&out, "\x1bPq"), 1, "sent once");
	cr_expect_eq(count(&out, "-\x1b\\\x1b"), 1, "and ended");
	sbuf_reset(&out);
	ui_draw(&r.ui);
	picture_place_change(&out);
	pieces(&r, &out, 5000);
	cr_expect_eq(out.len, 0, "and not again while it stands there");
	ui_rig_press(&r, PRESS_ESC);
	ui_draw(&r.ui);
	cr_expect_eq(picture_place_change(&out), 1, "what was below it is drawn again");
	picture_place_set(PICTURE_HALVES, PICTURE_HALVES, 0, 0);
	ask(&r, "/nowhere/lamp.png");
	ui_rig_press(&r, PRESS_F10);
	ui_rig_picture(&r);
	cr_expect(ui_rig_golden(&r, "picture-missing"));
	sbuf_release(&out);
	picture_place_release();
	ui_rig_close(&r);
}

Test(picture, a_sixel_is_bounded_and_can_be_broken_off)
{
	struct ui_rig r;
	struct sbuf out = { 0 };
	const char *path = noise(1000, 700);

	ui_rig_open(&r, "xterm-256color", 43, 132, 4);
	ask(&r, path);
	picture_place_set(PICTURE_SIXEL, PICTURE_HALVES, 10, 20);
	ui_rig_picture(&r);
	picture_place_change(&out);
	pieces(&r, &out, 300);
	cr_expect(picture_place_is_open());
	cr_expect_lt(out.len, 6 * PICTURE_PIECE, "%zu bytes in 300 ms", out.len);
	picture_place_break(&out);
	cr_expect_not(picture_place_is_open());
	cr_expect_str_eq(out.data + out.len - 4, "\x1b\\\x1b"
						 "8");
	sbuf_reset(&out);
	picture_place_piece(&out);
	cr_expect_eq(out.len, 0, "not at once");
	ui_rig_after(&r, PICTURE_AGAIN_MS);
	pieces(&r, &out, 20000);
	cr_expect_not(picture_place_is_open());
	cr_expect_eq(count(&out, "\x1bPq"), 1, "from its beginning");
	cr_expect_leq(out.len, PICTURE_SIXEL_MAX + 100);
	cr_expect_gt(out.len, PICTURE_SIXEL_MAX / 3, "no smaller than it must be: %zu", out.len);
	/* In the middle it is not wanted any more. */
	picture_place_lost();
	sbuf_reset(&out);
	pieces(&r, &out, 300);
	ui_rig_press(&r, PRESS_ESC);
	ui_draw(&r.ui);
	cr_expect_eq(picture_place_change(&out), 1);
	cr_expect_str_eq(out.data + out.len - 4, "\x1b\\\x1b"
						 "8");
	cr_expect_eq(picture_place_due_ms(), CLOCK_NEVER);
	unlink(path);
	sbuf_release(&out);
	picture_place_release();
	ui_rig_close(&r);
}

Test(picture, a_sixel_that_takes_too_long_is_given_up)
{
	struct ui_rig r;
	struct sbuf out = { 0 };
	int again = 0;

	ui_rig_open(&r, "xterm-256color", 43, 132, 4);
	ask(&r, noise(1000, 700));
	picture_place_set(PICTURE_SIXEL, PICTURE_HALVES, 10, 20);
	ui_rig_picture(&r);
	picture_place_change(&out);
	for (int i = 0; i < 12 && !again; i++, ui_rig_after(&r, 1000))
		again = picture_place_piece(&out);
	cr_expect_eq(again, 1);
	cr_expect_str_eq(out.data + out.len - 4, "\x1b\\\x1b"
						 "8");
	ui_rig_picture(&r);
	cr_expect_eq(picture_place_change(&out), 1, "what is below the half of it is drawn again");
	cr_expect_eq(picture_place_due_ms(), CLOCK_NEVER, "curses draws it");
	sbuf_release(&out);
	picture_place_release();
	ui_rig_close(&r);
}

Test(picture, kittys_pieces_are_whole_sequences)
{
	struct ui_rig r;
	struct sbuf out = { 0 };

	ui_rig_open(&r, "xterm-256color", 43, 132, 4);
	ask(&r, noise(1000, 700));
	picture_place_set(PICTURE_KITTY, PICTURE_HALVES, 10, 20);
	ui_rig_picture(&r);
	picture_place_change(&out);
	for (int i = 0; i < 5; i++, ui_rig_after(&r, PICTURE_PIECE_MS)) {
		picture_place_piece(&out);
		cr_expect_eq(memcmp(out.data + out.len - 2, "\x1b\\", 2), 0);
		cr_expect_not(picture_place_is_open(), "anything may stand between");
	}
	cr_expect_eq(count(&out, "a=t"), 1);
	cr_expect_eq(count(&out, "a=p"), 0, "not shown before it is whole");
	/* In the middle it is not wanted any more. */
	ui_rig_press(&r, PRESS_ESC);
	ui_draw(&r.ui);
	sbuf_reset(&out);
	picture_place_change(&out);
	cr_expect_str_eq(sbuf_str(&out), "\x1b_Gm=0,q=2;\x1b\\\x1b_Ga=d,d=I,i=21364,q=2\x1b\\");
	ui_rig_press(&r, PRESS_F10);
	ui_rig_picture(&r);
	sbuf_reset(&out);
	picture_place_change(&out);
	pieces(&r, &out, 20000);
	cr_expect_leq(out.len, PICTURE_KITTY_MAX + 200);
	cr_expect_eq(count(&out, "m=0"), 1);
	cr_expect_eq(count(&out, "a=p,i=21364,q=2,C=1,c="), 1, "fewer pixels, the same cells");
	/* The terminal was cleared. */
	sbuf_reset(&out);
	picture_place_lost();
	pieces(&r, &out, 20000);
	cr_expect_eq(count(&out, "a=p"), 1);
	sbuf_release(&out);
	picture_place_release();
	ui_rig_close(&r);
}

/* A disk that hangs: a pipe that nobody writes. */
Test(picture, a_disk_that_hangs_holds_nobody)
{
	char path[] = "/tmp/test-hang-XXXXXX";
	struct picture_wish w = { .how = PICTURE_HALVES, .w = 20, .h = 20 };
	const struct picture_form *f = NULL;

	cr_assert_neq(mkdtemp(path), NULL);
	snprintf(w.path, sizeof(w.path), "%s/fifo", path);
	cr_assert_eq(mkfifo(w.path, 0600), 0);
	clock_freeze_ms(1000);
	for (int i = 0; i < PICTURE_CHILDREN + 2; i++) {
		w.w++;
		cr_expect_null(picture_child_form(&w));
		clock_freeze_ms(clock_ms() + 200);
		picture_child_tend();
		cr_expect_eq(picture_child_tend(), 0);
		cr_assert_geq(picture_child_fd(), 0);
		clock_freeze_ms(clock_ms() + PICTURE_CHILD_MS);
		cr_expect_eq(picture_child_tend(), 1);
		f = picture_child_form(&w);
		cr_assert_neq(f, NULL);
		cr_expect_neq(strstr(f->why.text, "cannot be read in time"), NULL, "%s",
			      f->why.text);
		cr_expect_lt(picture_child_fd(), 0);
		poll(NULL, 0, 50); /* the child was killed, and ends */
	}
	picture_child_release();
	unlink(w.path);
	rmdir(path);
}
