#include "reports/html.h"

#include <stdio.h>

#include "reports/facts.h"
#include "reports/margin.h"

enum { LONGEST = 400 };

const char *html_safe(struct arena *a, const char *text)
{
	struct sbuf b = { 0 };
	char *out;

	for (const char *p = facts_cut(a, text, LONGEST); *p; p++) {
		switch (*p) {
		case '&':
			sbuf_puts(&b, "&amp;");
			break;
		case '<':
			sbuf_puts(&b, "&lt;");
			break;
		case '>':
			sbuf_puts(&b, "&gt;");
			break;
		case '"':
			sbuf_puts(&b, "&quot;");
			break;
		case '\'':
			sbuf_puts(&b, "&#39;");
			break;
		default:
			sbuf_putc(&b, *p);
		}
	}
	out = arena_strdup(a, sbuf_str(&b));
	sbuf_release(&b);
	return out;
}

/* Colours keep a contrast of at least 4.5:1 to what they stand on, and never
 * carry a meaning alone: a word or a shape stands beside each. */
const char html_style[] =
	"@page{margin:9mm 12mm}\n"
	"*{box-sizing:border-box}\n"
	"html{-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
	"body{font:13px/1.4 system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"
	"color:#1a1c1e;background:#fff;max-width:860px;margin:20px auto;padding:0 16px}\n"
	"h1,h2,p,dl,dd,dt,pre{margin:0;font-weight:normal}\n"
	"h2{font-size:11px;font-weight:700;letter-spacing:.06em;text-transform:uppercase;"
	"color:#4a5158;margin:14px 0 4px}\n"
	".mono,pre{font-family:ui-monospace,'Cascadia Mono',Menlo,Consolas,'DejaVu Sans Mono',"
	"monospace}\n"
	"b,th,td,dd,p,pre,h1{overflow-wrap:anywhere}\n"
	".top{display:flex;align-items:center;gap:18px;color:#fff;border-radius:6px;"
	"padding:12px 18px;background:#37424c}\n"
	".top svg{flex:none;width:46px;height:46px}\n"
	".top .word{font-size:34px;font-weight:800;letter-spacing:.02em;line-height:1}\n"
	".top .who{flex:1;min-width:0;border-left:1px solid #fff;padding-left:18px}\n"
	".top .who h1{font-size:20px;font-weight:700;line-height:1.2}\n"
	".top .when{flex:none;text-align:right;max-width:30%}\n"
	".pass .top{background:#1b6327}.fail .top{background:#a8071a}.error "
	".top{background:#8a3f00}\n"
	".aborted .top{background:#3d4a57}.interrupted .top{background:#5b3a86}\n"
	".cause{border:1px solid #b8bfc6;border-left:6px solid #37424c;border-radius:4px;"
	"padding:9px 14px;margin-top:10px}\n"
	".pass .cause{border-left-color:#1b6327}.fail .cause{border-left-color:#a8071a}"
	".error .cause{border-left-color:#8a3f00}.interrupted .cause{border-left-color:#5b3a86}\n"
	".cause .why{font-size:15px;font-weight:650}\n"
	".cause .two{display:grid;grid-template-columns:1fr 1fr;gap:0 18px;align-items:start}\n"
	".cause .two dl:last-child{grid-column:span 2}\n"
	".cause dl{display:grid;grid-template-columns:max-content 1fr;gap:1px "
	"12px;margin-top:5px}\n"
	"dt{color:#4a5158}\n"
	".facts{display:grid;grid-template-columns:1fr 1.15fr 1.25fr;gap:0 22px}\n"
	".facts dl{display:grid;grid-template-columns:max-content 1fr;gap:1px 10px;"
	"align-content:start}\n"
	"table{width:100%;border-collapse:collapse}\n"
	"th,td{text-align:left;padding:2px 8px 2px 0;vertical-align:baseline}\n"
	"thead th{font-size:11px;color:#4a5158;font-weight:600;border-bottom:1px solid #8b939b}\n"
	"tbody{break-inside:avoid}\n"
	"tr.step>*{background:#e9edf1;border-top:1px solid "
	"#fff;padding-top:3px;padding-bottom:3px;font-weight:400}\n"
	"tr.step .id{font-weight:700}\n"
	"tr.step>:first-child,tr.m>:first-child,tr.sub>:first-child,thead th:first-child"
	"{padding-left:8px}\n"
	"tr.m>*{border-bottom:1px solid #dfe3e7}\n"
	"tr.m.fail>*{background:#fdebec}tr.m.marginal>*{background:#fff6dc}\n"
	"tr.sub td{color:#3c4247}tr.sub b{font-weight:600;color:#1a1c1e}\n"
	"td.v{font-weight:600}\n"
	"h2.line{display:flex;justify-content:space-between;align-items:baseline}\n"
	".legend{text-transform:none;letter-spacing:0;font-weight:400}"
	".legend svg{vertical-align:-3px;margin:0 3px 0 10px}\n"
	"td.bar{width:132px;vertical-align:middle;padding-top:0;padding-bottom:0}\n"
	"td.bar svg,dd svg{display:block}\n"
	"td.r,td.r b{white-space:nowrap}\n"
	".r.pass{color:#1b5e20}.r.fail,.r.unset{color:#a8071a;font-weight:700}"
	".r.error{color:#8a3f00;font-weight:700}.r.marginal{color:#704800;font-weight:700}"
	".r.interrupted{color:#5b3a86;font-weight:700}\n"
	"th .dim{font-weight:400}.dim{color:#4a5158}\n"
	"pre{font-size:11px;line-height:1.35;white-space:pre-wrap;background:#f3f5f7;"
	"border-radius:3px;padding:4px 8px;margin-top:5px}\n"
	"footer{margin-top:14px;border-top:1px solid #8b939b;padding-top:5px;color:#3c4247;"
	"display:flex;flex-wrap:wrap;gap:0 22px}\n"
	"@media print{body{font-size:10.6px;line-height:1.27;max-width:none;margin:0;padding:0}"
	".top{padding:9px 14px}.top .word{font-size:30px}.cause .why{font-size:13.5px}"
	"h2{margin-top:6px;font-size:10px}thead th{font-size:10px}pre{font-size:9.5px}"
	"th,td{padding-top:1.5px;padding-bottom:1.5px}.cause{padding:7px 12px;margin-top:8px}}\n"
	"@media screen and (max-width:700px){.cause .two{display:block}"
	"h2.line{display:block}.top{flex-wrap:wrap}.facts{grid-template-columns:1fr}"
	".top .when{max-width:none;text-align:left}}\n";

static const struct look {
	const char *name, *icon;
} looks[VERDICT_END_] = {
	[VERDICT_NONE] = { "none", "<path d='M6 12h12'/>" },
	[VERDICT_PASS] = { "pass", "<path d='M4 13l5.5 5.5L20 7'/>" },
	[VERDICT_FAIL] = { "fail", "<path d='M5.5 5.5l13 13M18.5 5.5l-13 13'/>" },
	[VERDICT_ERROR] = { "error",
			    "<path d='M12 3.5L22 20.5H2z'/><path d='M12 9.5v5M12 17v.6'/>" },
	[VERDICT_SKIP] = { "skip", "<path d='M6 12h12'/>" },
	[VERDICT_ABORT] = { "aborted", "<path d='M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8z'/>" },
	[VERDICT_ABORTED] = { "aborted", "<path d='M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8z'/>"
					 "<path d='M9 9h6v6H9z'/>" },
	[VERDICT_INTERRUPTED] = { "interrupted",
				  "<path d='M13.5 2.5L5 13.5h6L10 21.5l9-12h-6.5z'/>" },
};

const char *html_class(enum verdict v)
{
	return v < VERDICT_END_ ? looks[v].name : looks[VERDICT_NONE].name;
}

const char *html_icon(enum verdict v)
{
	return v < VERDICT_END_ ? looks[v].icon : looks[VERDICT_NONE].icon;
}

const char html_bar_defs[] =
	"<svg width='0' height='0' style='position:absolute' aria-hidden='true'><defs>"
	"<pattern id='warn' width='4' height='4' patternUnits='userSpaceOnUse'>"
	"<path d='M-1 5L5 -1M-1 1L1 -1M3 5L5 3' stroke='#8a5a00' stroke-width='1'/></pattern>"
	"</defs></svg>\n";

static void band(struct sbuf *out, double from, double to, int width, const char *fill)
{
	if (to > from)
		sbuf_printf(out, "<rect x='%.1f' y='4' width='%.1f' height='7' fill='%s'/>",
			    from * width, (to - from) * width, fill);
}

static void limit_line(struct sbuf *out, double at, int width)
{
	sbuf_printf(out, "<path d='M%.1f 1.5V13.5' stroke='#1a1c1e' stroke-width='1.4'/>",
		    at * width);
}

/* A diamond where the value is; a cross when it is outside, an arrow beyond the end. */
static void pointer(struct sbuf *out, const struct margin *g, int width, int fail)
{
	double x = g->at * width;

	if (g->off) {
		double tip = g->off < 0 ? 1 : width - 1, back = tip - 8 * g->off;

		sbuf_printf(out, "<path d='M%.1f 7.5L%.1f 2.5V12.5z' fill='#a8071a'/>", tip, back);
		return;
	}
	x = x < 5 ? 5 : x > width - 5 ? width - 5 : x;
	if (fail)
		sbuf_printf(out,
			    "<path d='M%.1f 3.5l8 8m0 -8l-8 8' stroke='#a8071a' "
			    "stroke-width='2.6'/>",
			    x - 4);
	else
		sbuf_printf(out,
			    "<path d='M%.1f 2.5l4.5 5l-4.5 5l-4.5 -5z' fill='#1a1c1e' "
			    "stroke='#fff' stroke-width='.8'/>",
			    x);
}

void html_bar(struct sbuf *out, struct arena *a, const struct measure *m, int width)
{
	struct margin g;
	const char *share = "";

	if (!margin_of(&g, m))
		return;
	if (g.has_percent)
		share = arena_printf(a, "; %.3g %% %s the limit",
				     g.percent < 0 ? -g.percent : g.percent,
				     g.percent < 0 ? "outside" : "inside");
	sbuf_printf(out,
		    "<svg role='img' width='%d' height='15' viewBox='0 0 %d 15'>"
		    "<title>%s: %s%s%s; limit %s%s</title>",
		    width, width, html_safe(a, m->name), html_safe(a, facts_value(a, m)),
		    m->unit ? " " : "", m->unit ? html_safe(a, m->unit) : "",
		    html_safe(a, facts_limit(a, m)), share);
	sbuf_printf(out, "<rect x='0' y='6.5' width='%d' height='2' fill='#b8bfc6'/>", width);
	band(out, g.good_from, g.good_to, width, "#a9d3ad");
	band(out, g.good_from, g.best_from, width, "#ffe9ae");
	band(out, g.best_to, g.good_to, width, "#ffe9ae");
	band(out, g.good_from, g.best_from, width, "url(#warn)");
	band(out, g.best_to, g.good_to, width, "url(#warn)");
	if (m->has_lo)
		limit_line(out, g.good_from, width);
	if (m->has_hi && g.good_to > g.good_from)
		limit_line(out, g.good_to, width);
	pointer(out, &g, width, m->result == JUDGED_FAIL);
	sbuf_puts(out, "</svg>");
}

static void key(struct sbuf *out, int width, const char *shape, const char *word)
{
	sbuf_printf(out,
		    "<svg width='%d' height='15' viewBox='0 0 %d 15' aria-hidden='true'>%s</svg>%s",
		    width, width, shape, word);
}

void html_bar_legend(struct sbuf *out)
{
	sbuf_puts(out, "<span class='legend'>");
	key(out, 18, "<rect y='4' width='18' height='7' fill='#a9d3ad'/>", "inside the limit");
	key(out, 18,
	    "<rect y='4' width='18' height='7' fill='#ffe9ae'/>"
	    "<rect y='4' width='18' height='7' fill='url(#warn)'/>",
	    "warn band");
	key(out, 4, "<path d='M2 1.5V13.5' stroke='#1a1c1e' stroke-width='1.4'/>", "limit");
	key(out, 9, "<path d='M4.5 2.5l4.5 5l-4.5 5l-4.5 -5z' fill='#1a1c1e'/>", "value");
	key(out, 10, "<path d='M1 3.5l8 8m0 -8l-8 8' stroke='#a8071a' stroke-width='2.6'/>",
	    "value outside");
	sbuf_puts(out, "</span>");
}
