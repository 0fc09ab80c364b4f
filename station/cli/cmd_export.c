/* station export: all runs of the record for other programs. */
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "reports/export.h"
#include "cli/with.h"

/* The runs of the record, one at a time, so that memory stays flat. */
struct walk {
	struct store *store;
	const struct store_row *row;
	size_t rows, at;
	struct unit_run run;
};

static int next(const struct unit_run **run, void *payload, struct err *err)
{
	struct walk *w = payload;
	int r;

	run_release(&w->run);
	memset(&w->run, 0, sizeof(w->run));
	if (w->at == w->rows)
		return 0;
	r = store_load(&w->run, w->store, w->row[w->at++].run, err);
	if (r < 0)
		return r;
	*run = &w->run;
	return 1;
}

static int save(struct cmd_args *a, struct station *st)
{
	const char *word = cmd_opt(a, "format");
	enum export_format format = EXPORT_JSONL;
	const char *folder = cmd_opt(a, "output");
	struct export_form form = { .bom = cmd_opt(a, "excel") != NULL,
				    .separator = cmd_opt(a, "excel") ? ';' : 0 };
	struct walk w = { .store = st->store };
	struct export_source source = { next, &w };
	struct export_origin origin;
	struct export_sum sum = { 0 };
	struct store_row *row;
	struct store_note *note;
	size_t notes;
	struct store_head head;
	struct err err = { 0 };
	int r;

	if (word && export_format_find(&format, word) < 0)
		return cmd_usage(a, "--format is '%s', must be jsonl or csv", word);
	if (format == EXPORT_CSV && !folder)
		return cmd_usage(a, "CSV is two files: --output FOLDER");
	if (store_freeze(st->store, &err) < 0 || store_head(&head, st->store, &err) < 0 ||
	    store_rows(&row, &w.rows, &a->arena, st->store, NULL, &err) < 0 ||
	    store_notes(&note, &notes, &a->arena, st->store, NULL, NULL, NULL, 0, &err) < 0)
		return cmd_fail(&err);
	w.row = row;
	origin = (struct export_origin){ head.station, head.installation, head.seq, head.hash, note,
					 notes };
	if (!folder) {
		r = export_jsonl(&sum, stdout, &source, &err);
	} else {
		r = file_mkdirs(folder, &err);
		if (r >= 0)
			r = export_save(&sum, folder, format, &form, &origin, &source, &err);
	}
	run_release(&w.run);
	if (r < 0)
		return cmd_fail(&err);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "station: standard output cannot be written\n");
		return CMD_STATION;
	}
	fprintf(stderr, "station: %lld runs, %lld measurements, sequence %lld to %lld\n",
		(long long)sum.runs, (long long)sum.measures, (long long)sum.first_seq,
		(long long)sum.last_seq);
	return CMD_PASS;
}

static int run(struct cmd_args *a)
{
	if (a->rests)
		return cmd_usage(a, "no such word: %s", a->rest[0]);
	return cmd_with_station(a, STATION_READ, cmd_opt(a, "database"), save);
}

static const struct cmd_option options[] = {
	{ .name = "format", .arg = "FORMAT", .help = "jsonl (preset) or csv" },
	{ .name = "output",
	  .arg = "FOLDER",
	  .help = "into files of this folder, with export.meta.json" },
	{ .name = "excel", .help = "CSV with a UTF-8 mark and semicolons" },
	CMD_DATABASE,
	{ .name = NULL },
};

const struct cmd cmd_export = {
	.name = "export",
	.summary = "all runs as JSON lines or CSV",
	.usage = "[--format jsonl|csv] [--output FOLDER]",
	.help = "JSON lines go to standard output without --output. CSV is runs.csv and\n"
		"measurements.csv. With --output grants, dispositions and other decisions stand "
		"in\n"
		"decisions.jsonl or decisions.csv; export.meta.json tells the range of the chain "
		"and the files' "
		"hashes.",
	.options = options,
	.run = run,
};
