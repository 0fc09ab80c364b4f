#include <string.h>

#include "reports/report.h"

/* The report writers: one line in report.def for each file report_NAME.c. */
#define REPORT(name) extern const struct report_writer report_##name;
#include "reports/report.def"
#undef REPORT

const struct report_writer *const report_table[] = {
#define REPORT(name) &report_##name,
#include "reports/report.def"
#undef REPORT
};
const size_t report_table_size = sizeof(report_table) / sizeof(*report_table);

const struct report_writer *report_find(const char *name)
{
	for (size_t i = 0; i < report_table_size; i++)
		if (!strcmp(report_table[i]->name, name))
			return report_table[i];
	return NULL;
}
