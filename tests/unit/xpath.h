#ifndef TESTS_UNIT_XPATH_H
#define TESTS_UNIT_XPATH_H

#include <libxml/tree.h>

/* xpath -- how many nodes of a parsed document the XPath finds */
int xpath_count(xmlDocPtr doc, const char *path);

#endif /* TESTS_UNIT_XPATH_H */
