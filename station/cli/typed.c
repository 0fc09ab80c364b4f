#include "cli/typed.h"

#include <string.h>

#include "base/text.h"
#include "floor/policy.h"

enum { GS = 0x1d };

/* Is there anything in it that a person who types a serial does not type? */
static int is_marked(const struct typed *t, size_t len)
{
	const char *inner = t->text, *fnc1 = t->rules->fnc1;
	size_t n = len;

	label_strip(t->rules, &inner, &n);
	if (n != len || label_guess(t->rules, t->text, len) == PLAN_LABEL_GS1)
		return 1;
	return t->card->label == PLAN_LABEL_GS1 &&
	       (strchr(t->text, GS) || (fnc1 && *fnc1 && strstr(t->text, fnc1)));
}

/* Has a unit of this product that serial? 1, 0 or a negative code. */
static int is_known(const struct typed *t, const char *serial, struct err *err)
{
	struct arena a = { 0 };
	struct store_filter unit = { .product = t->card->product,
				     .serial = text_escaped(&a, serial, strlen(serial)) };
	struct store_row *row;
	size_t n = 0;
	int r = store_rows(&row, &n, &a, t->store, &unit, err);

	arena_free(&a);
	return r < 0 ? r : n > 0;
}

static int not_clear(const struct typed *t, const char *other, int is_serial, struct err *err)
{
	struct arena a = { 0 };
	const char *text = text_escaped(&a, t->text, strlen(t->text));
	int r;

	other = text_escaped(&a, other, strlen(other));
	r = err_set(err, ERR_USAGE,
		    "which unit is meant? '%.100s' is %s serial in the record, and read as a label "
		    "it is unit '%.100s'; %s",
		    text, is_serial ? "a" : "no", other,
		    t->card->label == PLAN_LABEL_GS1
			    ? "write the whole label in brackets, such as (01)...(21)..."
			    : "decide at the screen, where its label is scanned");
	arena_free(&a);
	return r;
}

/* The text as it is, which no scanner has touched. */
static int as_serial(struct label *out, const struct typed *t, size_t len, struct err *err)
{
	static const struct label_rules bare = { .aim = LABEL_AIM_NO };
	static const struct param_list none;
	const struct plan_card *c = t->card;

	return policy_label(out, &bare, PLAN_LABEL_PLAIN, c->check,
			    c->label == PLAN_LABEL_GS1 ? &none : &c->code, t->text, len, NULL, err);
}

/* Read as a label it is another unit: is it clear which is meant? A marked one is the label, unless
 * its text is a serial, too; else it is the serial, where only that is in the record. 0, or a
 * negative code. */
static int is_clear(const struct typed *t, int marked, const char *other, struct err *err)
{
	int is_serial = is_known(t, t->text, err);
	int is_label = !marked && is_serial > 0 ? is_known(t, other, err) : marked;

	if (is_serial < 0 || is_label < 0)
		return err->code;
	return is_serial != is_label ? 0 : not_clear(t, other, is_serial, err);
}

int typed_unit(const char **serial, struct arena *a, const struct typed *t, struct err *err)
{
	const struct plan_card *c = t->card;
	size_t len = strlen(t->text);
	int marked = is_marked(t, len), r = 0;
	struct label label = { 0 };
	struct err none = { 0 };

	*serial = NULL;
	if (label_read(&label, t->rules, c->label, t->text, len, &none) == 0 &&
	    strcmp(label.serial, t->text) != 0)
		r = is_clear(t, marked, label.serial, err);
	label_release(&label);
	if (r >= 0)
		r = marked ? policy_label(&label, t->rules, c->label, c->check, &c->code, t->text,
					  len, NULL, err)
			   : as_serial(&label, t, len, err);
	if (r >= 0)
		*serial = arena_strdup(a, label.serial);
	label_release(&label);
	return r < 0 ? r : 0;
}
