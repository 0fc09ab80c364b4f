#!/bin/sh
# install.sh -- what `make install` leaves: nothing outside of its folder, and a station
# that finds its parts there from any other folder, also as a user who may write nothing
# of it. What is said about a folder that may not be written names it.
. tests/run/lib.sh
write_files 0 # no station.conf of ours is used
place=$tmp/place/opt
env -u MAKEFLAGS make -s install-files BUILD="$BUILD" DESTDIR="$tmp/place" prefix=/opt >"$tmp/out" 2>&1 ||
	complain "make install: $(cat "$tmp/out")"
for f in bin/station bin/vboard bin/libvusbfs.so share/man/man1/station.1 \
	share/man/man5/station-plan.5 share/man/man5/station.conf.5 share/locale/de/LC_MESSAGES/station.mo \
	share/station/plans/demo.ini share/station/fixtures/boards/linux-shell.ini \
	share/station/schema/run.schema.json; do
	[ -s "$place/$f" ] || complain "$f is not installed"
done
grep -q '0403.*6011' "$tmp/place/lib/udev/rules.d/60-station.rules" || complain "the udev rule is not installed"
find "$tmp/place" -type f ! -path "$place/*" ! -path "$tmp/place/lib/udev/*" >"$tmp/strays"
[ ! -s "$tmp/strays" ] || complain "outside of prefix: $(cat "$tmp/strays")"

# Elsewhere, and without root where the test has it.
who=
chmod -R a+rX "$tmp" && mkdir "$tmp/elsewhere" || exit 1
if [ "$(id -u)" -eq 0 ]; then
	chown nobody "$tmp/elsewhere" && who='runuser -u nobody --'
fi
cd "$tmp/elsewhere" || exit 1
share=$place/share/station
expect 0 "the example plans are clean" $who "$place/bin/station" check "$share/plans/demo.ini" "$share/fixtures/demo.ini"
sed "s/:53\([0-9]*\)/:$ports/; /^pace/s/real/off/" "$share/fixtures/virtual/demo.ini" >world.ini
expect 0 "a step of the demo" $who "$place/bin/vboard" -f world.ini -- \
	"$place/bin/station" run "$share/plans/demo.ini" --slot 1 --unit VB-0001 \
	--fixture "$share/fixtures/demo.ini" --only os --mode engineering
[ -s var/station.db ] || complain "no record where the station was started"
expect 0 "the kit for virtual MT3620 boards" $who env -u BUILD PATH="$place/bin:$PATH" "$share/fixtures/mt3620/kit.sh" kit
[ -s kit/images/mt3620an.json ] || complain "the kit has no images"
if [ -n "$who" ]; then
	expect 3 "a folder that may not be written" $who "$place/bin/station" --conf "$share/station.conf" \
		run "$share/plans/demo.ini" --slot 1 --unit VB-0001
	one_message "a folder that may not be written"
	has err "^station: folder of the record: $share/var: Permission denied" "a folder that may not be written"
fi
finish "installed, and used from elsewhere"
