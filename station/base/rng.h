#ifndef STATION_BASE_RNG_H
#define STATION_BASE_RNG_H

#include <stdint.h>

/*
 * rng -- repeatable random numbers for faults and tests: the same seed gives
 * the same run. Not for secrets and not for run identities.
 *
 * source  SplitMix64, Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014)
 */
struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline double rng_unit(struct rng *r) /* 0 <= x < 1 */
{
	return (double)(rng_next(r) >> 11) * 0x1p-53;
}

static inline int rng_chance(struct rng *r, double p) /* true with probability p */
{
	return rng_unit(r) < p;
}

#endif /* STATION_BASE_RNG_H */
