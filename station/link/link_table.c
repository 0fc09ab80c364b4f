/* link_table -- the links, a line in link.def each. */
#include "link/link.h"

#include <string.h>

#define LINK(name) extern const struct link_driver link_##name;
#include "link/link.def"
#undef LINK

const struct link_driver *const link_table[] = {
#define LINK(name) &link_##name,
#include "link/link.def"
#undef LINK
};
const size_t link_table_size = sizeof(link_table) / sizeof(link_table[0]);

const struct link_driver *link_find(const char *name)
{
	for (size_t i = 0; i < link_table_size; i++)
		if (!strcmp(link_table[i]->name, name))
			return link_table[i];
	return NULL;
}
