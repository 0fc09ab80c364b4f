#include "board/mt3620_os.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { FILE_MAX = 16 << 20 };

/* --- the version as text --- */

static int digits(const char *s)
{
	return (int)strspn(s, "0123456789");
}

static int is_plain_number(const char *s, int n, int longest)
{
	return n >= 1 && n <= longest && (s[0] != '0' || n == 1);
}

static int preview_ok(const char *s)
{
	int parts = 0;

	for (;; s++) {
		int n = digits(s);

		if (!is_plain_number(s, n, 9))
			return 0;
		s += n;
		parts++;
		if (!*s)
			return parts >= 2 && parts <= 4;
		if (*s != '.')
			return 0;
	}
}

int mt3620_version_ok(const char *text)
{
	static const char update[] = " Update ";
	int month, n;

	if (!strncmp(text, "TP", 2))
		return preview_ok(text + 2);
	if (digits(text) != 2 || text[2] != '.' || digits(text + 3) != 2)
		return 0;
	month = 10 * (text[3] - '0') + text[4] - '0';
	if (month < 1 || month > 12)
		return 0;
	text += 5;
	if (!*text)
		return 1;
	if (*text == '.')
		text++;
	else if (!strncmp(text, update, sizeof(update) - 1))
		text += sizeof(update) - 1;
	else
		return 0;
	n = digits(text);
	return is_plain_number(text, n, 3) && *text != '0' && !text[n];
}

/* --- the versions file --- */

static int copy_guid(char out[REST_GUID], const json_t *j)
{
	const char *s = json_string_value(j);
	size_t n = s ? strlen(s) : 0;

	if (n != REST_GUID - 1)
		return -1;
	for (size_t i = 0; i <= n; i++)
		out[i] = (char)tolower((unsigned char)s[i]);
	return 0;
}

static int read_release(struct mt3620_release *r, struct arena *a, const json_t *x, size_t i,
			struct err *err)
{
	const json_t *images = json_object_get(x, "images"), *pair;
	const char *name = json_string_value(json_object_get(x, "name"));
	size_t k;

	if (!name || !*name || !json_is_array(images))
		return err_set(err, ERR_CONF, "version %zu has no name, or no list of images",
			       i + 1);
	r->name = arena_strdup(a, name);
	r->pair = arena_alloc(a, (json_array_size(images) + 1) * sizeof(*r->pair));
	json_array_foreach(images, k, pair)
	{
		if (copy_guid(r->pair[r->pairs].component, json_object_get(pair, "cid")) ||
		    copy_guid(r->pair[r->pairs].image, json_object_get(pair, "iid")))
			return err_set(err, ERR_CONF,
				       "version %zu, image %zu: 'cid' or 'iid' is no GUID", i + 1,
				       k + 1);
		r->pairs++;
	}
	return 0;
}

int mt3620_releases_parse(struct mt3620_releases *out, struct arena *a, const char *s, size_t n,
			  struct err *err)
{
	json_error_t bad;
	json_t *j = json_loadb(s, n, JSON_REJECT_DUPLICATES, &bad), *x;
	const json_t *list = json_object_get(j, "versions");
	int r = 0;
	size_t i;

	*out = (struct mt3620_releases){ 0 };
	if (!j)
		r = err_set(err, ERR_CONF, "line %d: no JSON", bad.line);
	else if (!json_is_array(list) || !json_array_size(list))
		r = err_set(err, ERR_CONF, "there is no list 'versions' with releases");
	out->list = arena_alloc(a, (json_array_size(list) + 1) * sizeof(*out->list));
	json_array_foreach(list, i, x)
	{
		if (r < 0)
			break;
		r = read_release(&out->list[out->count++], a, x, i, err);
	}
	json_decref(j);
	return r;
}

int mt3620_releases_load(struct mt3620_releases *out, struct arena *a, const char *path,
			 struct err *err)
{
	char *text;
	size_t n;

	if (file_read(&text, &n, a, path, FILE_MAX, err) < 0)
		return err_set(err, ERR_CONF, "versions file %s cannot be read", path);
	return mt3620_releases_parse(out, a, text, n, err) < 0
		       ? err_wrap(err, "versions file %s", path)
		       : 0;
}

/* --- which one is it --- */

static int is_on(const struct rest_images *b, const struct mt3620_pair *p)
{
	for (size_t i = 0; i < b->count; i++)
		if (!strcmp(b->component[i].uid, p->component))
			return !strcmp(b->component[i].image, p->image);
	return 0;
}

static int fits(const struct mt3620_release *r, const struct rest_images *b)
{
	for (size_t i = 0; i < r->pairs; i++)
		if (!is_on(b, &r->pair[i]))
			return 0;
	return r->pairs > 0;
}

static int contains(const struct mt3620_release *big, const struct mt3620_release *small)
{
	for (size_t i = 0; i < small->pairs; i++) {
		size_t k = 0;

		while (k < big->pairs && memcmp(&big->pair[k], &small->pair[i], sizeof(*big->pair)))
			k++;
		if (k == big->pairs)
			return 0;
	}
	return 1;
}

const char *mt3620_release_of(const char **why, struct arena *a, const struct mt3620_releases *r,
			      const struct rest_images *on_board)
{
	const struct mt3620_release *best = NULL;

	*why = NULL;
	for (size_t i = 0; i < on_board->count; i++)
		if (!on_board->component[i].image[0]) {
			*why = arena_printf(a, SAID("component %s (%s) has no image"),
					    on_board->component[i].uid,
					    on_board->component[i].name);
			return NULL;
		}
	for (size_t i = 0; i < r->count; i++)
		if (fits(&r->list[i], on_board) && (!best || r->list[i].pairs > best->pairs))
			best = &r->list[i];
	if (!best) {
		*why = "the images on the board are those of no known release";
		return NULL;
	}
	for (size_t i = 0; i < r->count; i++)
		if (fits(&r->list[i], on_board) && !contains(best, &r->list[i])) {
			*why = arena_printf(a, SAID("the images fit %s as well as %s"), best->name,
					    r->list[i].name);
			return NULL;
		}
	return best->name;
}

/* --- which one would a recovery leave --- */

/* "2b9b33b4-d6a0-..." is file "2b9b33b4d6a0....bin" */
static int is_in(const struct mt3620_images *set, const char *guid)
{
	char name[MT3620_NAME_SIZE];
	size_t n = 0;

	for (; *guid && n < 32; guid++)
		if (*guid != '-')
			name[n++] = *guid;
	memcpy(name + n, ".bin", 5);
	return mt3620_images_find(set, name, n + 4) != NULL;
}

static int is_release_in(const struct mt3620_release *r, const struct mt3620_images *set)
{
	for (size_t i = 0; i < r->pairs; i++)
		if (!is_in(set, r->pair[i].image))
			return 0;
	return r->pairs > 0;
}

const char *mt3620_release_in(const struct mt3620_releases *r, const struct mt3620_images *set)
{
	const struct mt3620_release *best = NULL;

	for (size_t i = 0; i < r->count; i++)
		if (is_release_in(&r->list[i], set) && (!best || r->list[i].pairs > best->pairs))
			best = &r->list[i];
	for (size_t i = 0; best && i < r->count; i++)
		if (is_release_in(&r->list[i], set) && !contains(best, &r->list[i]))
			return NULL;
	return best ? best->name : NULL;
}
