#include "board/mt3620_refusal.h"

/* clang-format off */
static const struct mt3620_refusal refusals[] = {
	{  3,  7, "restart required",                        ERR_REFUSED, MT_AGAIN_NO },
	{  5,  3, "application asks for a GPIO that is not defined", ERR_PLAN, MT_AGAIN_NO },
	{  5,  4, "GPIO in use",                             ERR_PLAN,    MT_AGAIN_NO },
	{  5, 15, "GPIO block in use",                       ERR_PLAN,    MT_AGAIN_NO },
	{  7, 15, "image not trusted",                       ERR_IMAGES,  MT_AGAIN_NO },
	{  7, 37, "permission denied",                       ERR_REFUSED, MT_AGAIN_NO },
	{  7, 39, "over-the-air update running",             ERR_REFUSED, MT_AGAIN_LATER },
	{ 10,  5, "interface busy, request refused",         ERR_REFUSED, MT_AGAIN_LATER },
	{ 10, 18, "command not authorised",                  ERR_FINAL,   MT_AGAIN_NO },
	{ 13,  3, "Wi-Fi network not found",                 ERR_REFUSED, MT_AGAIN_NO },
	{ 13,  4, "Wi-Fi not connected",                     ERR_REFUSED, MT_AGAIN_NO },
	{ 13, 17, "Wi-Fi still starting",                    ERR_REFUSED, MT_AGAIN_LATER },
	{ 13, 18, "Wi-Fi interface disabled",                ERR_REFUSED, MT_AGAIN_LATER },
	{ 13, 25, "PSK too short",                           ERR_PLAN,    MT_AGAIN_NO },
	{ 14, 12, "application not present",                 ERR_REFUSED, MT_AGAIN_NO },
	{ 14, 18, "not enough space",                        ERR_REFUSED, MT_AGAIN_NO },
	{ 15,  2, "invalid request URI",                     ERR_REFUSED, MT_AGAIN_NO },
	{ 15,  4, "content too large",                       ERR_IMAGES,  MT_AGAIN_NO },
	{ 30,  6, "invalid hardware address",                ERR_PLAN,    MT_AGAIN_NO },
	{ 30, 14, "interface not available",                 ERR_REFUSED, MT_AGAIN_NO },
	{ 30, 15, "operation not permitted on the interface", ERR_PLAN,   MT_AGAIN_NO },
};
/* clang-format on */

const struct mt3620_refusal *mt3620_refusal_find(unsigned long n)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (MT3620_REFUSAL(refusals[i].category, refusals[i].id) == n)
			return &refusals[i];
	return NULL;
}

void mt3620_refusal_print(struct sbuf *out, unsigned long n)
{
	const struct mt3620_refusal *e = mt3620_refusal_find(n);

	sbuf_printf(out, "%lu.%lu", n >> 20, n & 0xfffff);
	if (e)
		sbuf_printf(out, " %s", e->name);
}
