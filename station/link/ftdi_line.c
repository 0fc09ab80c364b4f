#include "link/ftdi_line.h"

#include <math.h>
#include <string.h>

/* Both clocks are divided by n/8, where n is 8, 12 or 16 and more: AN_120 has
 * no fractions between 1 and 2 but one and a half. */
enum {
	CLOCK_FAST = 12000000, /* 120 MHz / 10 */
	CLOCK_SLOW = 3000000,  /* 48 MHz / 16 */
	FAST_ABOVE = 732,      /* bit/s; below, the divisor of 14 bits is not enough */
	EIGHTHS_MAX = 8 * 0x4000 - 1,
};
static const double worst_error = 0.01;

double ftdi_rate(int64_t baud)
{
	int64_t clock, sixteenths, eighths;
	double rate;

	if (baud <= 0 || baud > INT32_MAX)
		return 0;
	clock = baud > FAST_ABOVE ? CLOCK_FAST : CLOCK_SLOW;
	if (baud >= clock) {
		eighths = 8;
	} else if (baud >= clock * 2 / 3) {
		eighths = 12;
	} else if (baud >= clock / 2) {
		eighths = 16;
	} else {
		sixteenths = clock * 16 / baud;
		eighths = sixteenths / 2 + (sixteenths & 1);
		if (eighths > EIGHTHS_MAX)
			eighths = EIGHTHS_MAX;
	}
	rate = (double)clock * 8 / (double)eighths;
	/* libftdi refuses what is off by more than 1 in 20 */
	if (rate < (double)baud ? rate * 21 < (double)baud * 20 : (double)baud * 21 < rate * 20)
		return 0;
	return rate;
}

int ftdi_line_check(double *rate, const struct link_line *line, struct err *err)
{
	double real = ftdi_rate(line->baud), off;

	if (line->bits != 7 && line->bits != 8)
		return err_set(err, ERR_CONF, "%d data bits; the interface has 7 or 8", line->bits);
	if (line->stop != 1 && line->stop != 2)
		return err_set(err, ERR_CONF, "%d stop bits; the interface has 1 or 2", line->stop);
	if (!line->parity || !strchr("NOE", line->parity))
		return err_set(err, ERR_CONF, "parity must be N, O or E");
	if (real <= 0)
		return err_set(err, ERR_CONF, "the interface cannot run at %lld bit/s",
			       (long long)line->baud);
	off = (real - (double)line->baud) / (double)line->baud;
	if (fabs(off) > worst_error)
		return err_set(err, ERR_CONF,
			       "the interface runs at %.0f bit/s where %lld are asked for: "
			       "%+.2f %% is more than 1 %%",
			       real, (long long)line->baud, off * 100);
	if (rate)
		*rate = real;
	return 0;
}

static uint8_t packet_errors(uint8_t line, uint8_t before, size_t payload)
{
	uint8_t errors = 0;

	if ((line & FTDI_OVERRUN) && (payload || !(before & FTDI_OVERRUN)))
		errors |= FTDI_OVERRUN;
	if (payload && !(line & FTDI_BREAK))
		errors |= line & (FTDI_PARITY | FTDI_FRAMING);
	return errors;
}

size_t ftdi_strip(uint8_t *out, struct ftdi_packets *s, const uint8_t *raw, size_t n, size_t packet)
{
	size_t kept = 0;

	s->errors = 0;
	s->error_at = 0;
	for (size_t at = 0; at + 2 <= n; at += packet) {
		size_t payload = (n - at < packet ? n - at : packet) - 2;
		uint8_t line = raw[at + 1];
		uint8_t errors = packet_errors(line, s->line, payload);

		if (errors && !s->errors)
			s->error_at = kept;
		s->errors |= errors;
		s->modem = raw[at];
		s->line = line;
		s->quiet = payload ? 0 : s->quiet + 1;
		s->count++;
		memmove(out + kept, raw + at + 2, payload);
		kept += payload;
	}
	return kept;
}

const char *ftdi_errors_text(char out[32], uint8_t errors)
{
	static const struct {
		uint8_t bit;
		const char *word;
	} words[] = {
		{ FTDI_OVERRUN, "overrun" },
		{ FTDI_PARITY, "parity" },
		{ FTDI_FRAMING, "framing" },
	};

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!(errors & words[i].bit))
			continue;
		if (out[0])
			strncat(out, ", ", 31 - strlen(out));
		strncat(out, words[i].word, 31 - strlen(out));
	}
	return out;
}
