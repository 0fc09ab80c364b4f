#include "cli/sheet.h"

#include <string.h>

#include "base/file.h"

int sheet_format_ok(const struct cmd_args *a, const char *format)
{
	if (!format || !strcmp(format, "svg") || !strcmp(format, "pdf"))
		return 0;
	return cmd_usage(a, "no such format: %s; there are svg and pdf", format);
}

static int ends_in_pdf(const char *path)
{
	size_t n = path ? strlen(path) : 0;

	return n > 4 && !strcmp(path + n - 4, ".pdf");
}

int sheet_out(struct cmd_args *a, const struct codes_print *p, const char *format, const char *path,
	      int secret)
{
	int pdf = format ? !strcmp(format, "pdf") : ends_in_pdf(path), r;
	struct sbuf out = { 0 };
	struct err err = { 0 };

	r = sheet_format_ok(a, format);
	if (r)
		return r;
	r = pdf ? codes_pdf(&out, p, &err) : codes_svg(&out, p, &err);
	if (r == 0 && path)
		r = secret ? file_write_private(path, sbuf_str(&out), out.len, &err)
			   : file_write(path, sbuf_str(&out), out.len, &err);
	r = r < 0 ? cmd_fail(&err) : path ? CMD_PASS : cmd_out(&out);
	sbuf_release(&out);
	return r;
}
