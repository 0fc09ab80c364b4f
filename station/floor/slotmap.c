#include "floor/slotmap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/ini.h"
#include "link/fixture.h"

/* Bytes of the line `number`, from 1. */
static const char *line_at(const char *text, int number)
{
	while (--number > 0 && text)
		text = (text = strchr(text, '\n')) ? text + 1 : NULL;
	return text;
}

/* Offset of the value of the slot's `usb` in the text. */
static int find(size_t *at, size_t *len, const char *text, const struct ini *ini, const char *slot,
		struct err *err)
{
	const struct ini_section *s = ini_section(ini, "slot", slot);
	const struct ini_key *k = s ? ini_key(s, "usb") : NULL;
	const char *line;

	if (!s)
		return err_set(err, ERR_USAGE, "%s has no [slot %s]", ini->path, slot);
	line = k && !strcmp(k->value_at.file, ini->path) ? line_at(text, k->value_at.line) : NULL;
	line = line ? strstr(line, k->value) : NULL;
	if (!line || k->quoted || !k->len || memchr(line, '\n', k->len))
		return err_set(err, ERR_CONF,
			       "%s: the usb line of [slot %s] is not of the form usb = PATH; "
			       "change it by hand",
			       ini->path, slot);
	*at = (size_t)(line - text);
	*len = k->len;
	return 0;
}

/* The linter reads files, so the new text is one for a moment. */
static int lint(struct arena *a, const char *path, const struct sbuf *text, const char *slot,
		const char *usb, struct err *err)
{
	const char *trial = arena_printf(a, "%s.new", path);
	struct findings f = { 0 };
	struct fixture *fixture = NULL;
	const struct fixture_slot *s;
	int r = file_write(trial, sbuf_str(text), text->len, err);

	if (r < 0)
		return r;
	r = fixture_load(&fixture, a, trial, &f, err);
	unlink(trial);
	s = r < 0 ? NULL : fixture_slot(fixture, slot);
	if (r < 0)
		r = err_set(err, ERR_USAGE, "not with usb = %s: %s", usb,
			    f.count ? f.list[0].message : err->text);
	else if (!s || strcmp(s->usb, usb) != 0)
		r = err_set(err, ERR_CONF, "%s: the usb line of [slot %s] cannot be found", path,
			    slot);
	finding_release(&f);
	return r;
}

int slotmap_write(const char *path, const char *slot, const char *usb, struct err *err)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct sbuf text = { 0 };
	struct ini *ini;
	size_t at = 0, len = 0;
	int r = 0;

	/* A path holds digits, '-' and '.' only: nothing that could end the line. */
	if (!*usb || strspn(usb, "0123456789-.") != strlen(usb) || strlen(usb) > 40)
		r = err_set(err, ERR_USAGE, "a USB path looks as 1-1.2");
	if (!r)
		r = ini_load(&ini, &a, path, &f, err);
	if (!r)
		r = find(&at, &len, ini->text, ini, slot, err);
	if (!r) {
		sbuf_add(&text, ini->text, at);
		sbuf_puts(&text, usb);
		sbuf_add(&text, ini->text + at + len, ini->len - at - len);
		r = lint(&a, path, &text, slot, usb, err);
	}
	if (!r)
		r = file_write(path, sbuf_str(&text), text.len, err);
	sbuf_release(&text);
	finding_release(&f);
	arena_free(&a);
	return r;
}
