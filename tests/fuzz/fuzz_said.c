/* Any text as a sentence of the station: it comes out as text, in good time and
 * twice the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ui/lang.h"
#include "ui/said.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int begun;
	char *text = malloc(size + 1), *first;

	if (!text)
		abort();
	if (!begun++) {
		lang_init();
		lang_set("de");
		must(lang_station("the scan is empty", 0) != NULL);
	}
	memcpy(text, data, size);
	text[size] = '\0';
	first = strdup(said(text));
	must(first != NULL && (!*text || *first));
	must(!strcmp(first, said(text)));
	lang_set("en");
	must(said(text) == text);
	lang_set("de");
	free(first);
	free(text);
	return 0;
}
