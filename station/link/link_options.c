#include "link/link_options.h"

#include <string.h>

static int set(void *out, const struct param *params, struct arena *a, char *text, struct err *err)
{
	char *equals = strchr(text, '=');
	const struct param *row;
	struct err why = { 0 };
	size_t at;

	if (equals)
		*equals = '\0';
	row = param_find(params, text);
	if (!row) {
		struct sbuf known = { 0 };

		for (row = params; row->name; row++)
			sbuf_printf(&known, "%s%s", row == params ? "" : ", ", row->name);
		err_set(err, ERR_PLAN, "no option is called '%.40s'; there are %s", text,
			sbuf_str(&known));
		sbuf_release(&known);
		return ERR_PLAN;
	}
	if (param_set(out, row, equals ? equals + 1 : "", a, "", &at, &why) < 0)
		return err_set(err, ERR_PLAN, "option '%s': %s", row->name, why.text);
	return 0;
}

int link_options(void *out, const char **first, const struct param *params, struct arena *a,
		 const char *text, struct err *err)
{
	char *rest = arena_strdup(a, text), *part;

	param_presets(out, params, a);
	if (first) {
		*first = strsep(&rest, ",");
		if (!**first)
			return err_set(err, ERR_PLAN, "no file is named");
	} else if (!*rest) {
		return 0;
	}
	while ((part = strsep(&rest, ","))) {
		int r = set(out, params, a, part, err);

		if (r < 0)
			return r;
	}
	return 0;
}
