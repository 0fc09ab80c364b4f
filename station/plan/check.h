#ifndef STATION_PLAN_CHECK_H
#define STATION_PLAN_CHECK_H

#include "base/conf.h"
#include "base/finding.h"
#include "plan/plan.h"

/*
 * check -- `station check FILE...`: finds out what kind of INI file it is and
 * lints it. Kinds are told by their sections: [plan], [fixture], [board]
 * (profile), [station]; a virtual board file ([board N] with firmware) is
 * vboard's to check.
 *
 * conf gives the folders and, unless NULL, the fixture plans are checked
 * against; history, unless NULL, what earlier runs of them measured. Findings go to f.
 */
void check_file(const char *path, const struct conf *conf, const struct plan_history *history,
		struct findings *f);

#endif /* STATION_PLAN_CHECK_H */
