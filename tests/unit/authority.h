#ifndef TESTS_UNIT_AUTHORITY_H
#define TESTS_UNIT_AUTHORITY_H

/* An authority that nobody has the key of: no handshake gets as far as that. */
static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
				"MIIBiTCCAS+gAwIBAgIUaMCAc1EufNGIVMie7zsEF1sglRgwCgYIKoZIzj0EAwIw\n"
				"GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTI5MTIyMDI2WhgPMjEy\n"
				"NjExMDUxMjIwMjZaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI\n"
				"zj0CAQYIKoZIzj0DAQcDQgAEiQD3Rbm6i3hmygtmGiAgpOu5o8bTDf/WDQSdZYF8\n"
				"YSf4ajPZgtX/6X+ltZ5kS1jgHThiTMXOn7ynJ8Qygsxi8KNTMFEwHQYDVR0OBBYE\n"
				"FAuyI8Qcvae2/0M5HNP8bPMjrXD0MB8GA1UdIwQYMBaAFAuyI8Qcvae2/0M5HNP8\n"
				"bPMjrXD0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgWydCHp4+\n"
				"zr0BPGDd3QqT+2wlYFZG6YOBzKfLru57JlgCIQD/br7N4icpS+NnbJjjugZ2uIYv\n"
				"fQHVgH8aP12pixUECw==\n"
				"-----END CERTIFICATE-----\n";

#endif /* TESTS_UNIT_AUTHORITY_H */
