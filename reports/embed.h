#ifndef REPORTS_EMBED_H
#define REPORTS_EMBED_H

#include "base/sbuf.h"

/* embed -- JSON that was written elsewhere, put into ours. A file of its own
 * because jansson's names and those of base/json.h cannot stand in one. */

/* Append the members of the JSON object in text, without its braces: "a":1,"b":2.
 * Nothing is appended when text is NULL or no JSON object. */
void embed_members(struct sbuf *out, const char *text);

#endif /* REPORTS_EMBED_H */
