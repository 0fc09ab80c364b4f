#ifndef STATION_LINK_LINK_REPLAY_H
#define STATION_LINK_LINK_REPLAY_H

/*
 * link_replay -- a recorded board: it says what it said, after the station has
 * said what it said then. The format is described in link_record.c.
 *
 * Bytes count, not how they were cut into reads and writes, nor when. A station
 * that says something else than in the recording gets ERR_RECORDING with the file and
 * line; recorded failures (an unplugged cable) come back where they were.
 *
 * "replay:FILE,speed=1" keeps the board's times (2: twice as fast); without
 * speed the board answers at once, and a read where the board waits for the
 * station ends at once.
 */
enum { RECORDING_VERSION = 1, RECORDING_MAX = 64 << 20 };

#endif /* STATION_LINK_LINK_REPLAY_H */
