/* lint [-c CONF] [-j] FILE... -- checks INI files as `station check` does. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit/step_fake.h"
#include "plan/check.h"

int main(int argc, char **argv)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct conf *conf = NULL;
	struct err err = { 0 };
	int c, json = 0, bad;

	while ((c = getopt(argc, argv, "c:j")) != -1) {
		if (c == 'j')
			json = 1;
		else if (c != 'c' || conf_load(&conf, &a, optarg, &f, &err) < 0)
			break;
	}
	if (c != -1 || optind == argc) {
		fprintf(stderr, "lint: %s\n", err.code ? err.text : "lint [-c CONF] [-j] FILE...");
		return 2;
	}
	for (int i = optind; i < argc; i++)
		check_file(argv[i], conf, &f);
	(json ? finding_print_json : finding_print)(&f, stdout);
	bad = f.errors > 0;
	finding_release(&f);
	arena_free(&a);
	return bad;
}
