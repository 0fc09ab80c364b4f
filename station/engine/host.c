#include "engine/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include "base/hash.h"
#include "base/text.h"

/* "synced" or "unsynced", as the kernel says. */
static const char *clock_state(void)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	return state < 0 || state == TIME_ERROR || (t.status & STA_UNSYNC) ? "unsynced" : "synced";
}

/* First line of a small file, or of its line that begins with key. */
static const char *line_of(struct arena *a, const char *path, const char *key)
{
	char line[256];
	const char *found = "unknown";
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		size_t n = strcspn(line, "\n");
		const char *from = line;

		if (strncmp(line, key, strlen(key)))
			continue;
		from += strlen(key);
		n -= strlen(key);
		if (n > 1 && *from == '"' && from[n - 1] == '"') {
			from++;
			n -= 2;
		}
		found = text_escaped(a, from, n);
		break;
	}
	if (f)
		fclose(f);
	return found;
}

void host_describe(struct unit_run *r)
{
	/* These do not change while the program runs; a station forks, never threads. */
	static char binary[HASH_TEXT], release[160], boot[64];
	struct utsname u;
	uint8_t hash[HASH_SIZE];

	if (!*binary && !hash_file(hash, "/proc/self/exe"))
		hash_print(binary, hash);
	if (!*release) {
		snprintf(release, sizeof(release), "%s",
			 line_of(&r->arena, "/etc/os-release", "PRETTY_NAME="));
		snprintf(boot, sizeof(boot), "%s",
			 line_of(&r->arena, "/proc/sys/kernel/random/boot_id", ""));
	}
	uname(&u);
	r->sw_version = STATION_VERSION;
	r->sw_sha256 = *binary ? binary : "unknown";
	r->host = text_escaped(&r->arena, u.nodename, strlen(u.nodename));
	r->os_release = release;
	r->kernel = text_escaped(&r->arena, u.release, strlen(u.release));
	r->boot_id = boot;
	r->clock_state = clock_state();
}
