#include "reports/report.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

const char *report_path(struct arena *a, const char *folder, const struct unit_run *r,
			const struct report_writer *w)
{
	char day[CLOCK_TEXT];

	clock_print(day, r->started_ms);
	day[10] = '\0';
	if (day[4] != '-') /* a clock beyond all years */
		day[0] = '\0';
	return arena_printf(a, "%s/%s/%s_%s_%.8s.%s", folder, *day ? day : "no-date",
			    text_file_name(a, r->serial ? r->serial : ""),
			    text_file_name(a, r->process ? r->process : ""),
			    *r->id ? text_file_name(a, r->id) : "no-id", w->extension);
}

int report_save(const char **path, struct arena *a, const char *folder,
		const struct report_writer *w, const struct unit_run *r,
		const struct report_history *h, struct err *err)
{
	struct sbuf out = { 0 };
	char *dir;
	int ret;

	*path = report_path(a, folder, r, w);
	dir = arena_strdup(a, *path);
	*strrchr(dir, '/') = '\0';
	ret = w->write(&out, r, h, err);
	if (!ret)
		ret = file_mkdirs(dir, err);
	if (!ret)
		ret = file_write(*path, sbuf_str(&out), out.len, err);
	if (ret)
		err_wrap(err, "report %s", w->name);
	sbuf_release(&out);
	return ret;
}
