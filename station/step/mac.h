#ifndef STATION_STEP_MAC_H
#define STATION_STEP_MAC_H

#include <stdint.h>

/*
 * mac -- Ethernet addresses as boards write them: six octets in hex, either
 * case, with ':', '-' or '.' between octets or pairs of octets, or with nothing.
 *
 * source  IEEE Std 802-2014, 8.2: individual/group bit and U/L bit of the first octet
 */
enum { MAC_TEXT = 18 };

int mac_scan(uint8_t out[6], const char *text);                  /* 0, or -1 */
const char *mac_print(char out[MAC_TEXT], const uint8_t mac[6]); /* canonical: 02:ab:... */
int mac_valid(const uint8_t mac[6]);                             /* unicast and not all zero */
int mac_assigned(const uint8_t mac[6]); /* neither all zero nor broadcast */
int mac_group(const uint8_t mac[6]);    /* 1: the individual/group bit is set */
int mac_local(const uint8_t mac[6]);    /* locally administered */

#endif /* STATION_STEP_MAC_H */
