#include "reports/embed.h"

#include <stdlib.h>
#include <string.h>
#include <jansson.h>

void embed_members(struct sbuf *out, const char *text)
{
	json_t *object = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
	char *dump = json_is_object(object) ? json_dumps(object, JSON_COMPACT) : NULL;

	if (dump)
		sbuf_add(out, dump + 1, strlen(dump) - 2);
	free(dump);
	json_decref(object);
}
