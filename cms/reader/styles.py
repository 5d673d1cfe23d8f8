"""The style of the readers' pages: one text, sent inside each page, known to the policy by its hash.

Logical properties only (start and end, never left and right), so that it mirrors by itself. Nothing
moves, so nobody has to ask for less motion. A browser that knows no custom properties loses every
colour at once, and never a text alone against its ground.

The classes, beside plain elements (h1-h4, p, dl, details, audio, label, input, button):

- `skip`, `leave`, `keys`: the way past the head, the quick exit, what is said where there are keys
- `quiet`: small print; `told`: a text that keeps its lines; `late`: out of date
- `note`: something to know before reading; `card`: one entry; `now` beside it: an alert
- `tiles`: a list of ways on, each `<a><svg><span><b>words</b> <small>count</small></span></a>`; the
  drawing is of 24 units, in lines that take the colour of the text
- `list`: a list of links, one below the other; `tongues`: languages side by side
- `call`: a telephone number to tap; `act`: any other link that stands alone
- `pick`: a box or a circle to tick, with its words; `late` is also what is wrong beside a field
- `many`: the languages of the chooser, in large letters; `found`: what a search found, as cards;
  `contents`: everything there is, as lists in lists
"""

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--paper:#faf7f0;--card:#fff;--ink:#18211e;--quiet:#414b46;--way:#0b4f49;
--line:#c9c2b1;--note:#fdeec4;--alarm:#7a1c10}
@media (prefers-color-scheme:dark){:root{--paper:#121816;--card:#1b2320;--ink:#f0f3f1;--quiet:#bfcac4;
--way:#93d9cc;--line:#46544e;--note:#392f12;--alarm:#ffb7a8}}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{line-height:1.55;font-family:system-ui,sans-serif;scroll-padding-block:4rem 1rem;
-webkit-text-size-adjust:100%}
[lang=ar],[lang=ur],[lang=prs],[lang=ps],[lang=am],[lang=ti]{line-height:1.8}
[lang=ar],[lang=prs],[lang=ps]{font-family:"Noto Sans Arabic",system-ui,sans-serif}
[lang=am],[lang=ti]{font-family:"Noto Sans Ethiopic",system-ui,sans-serif}
body{margin:0;font-size:1.0625rem;color:var(--ink);background:var(--paper);
overflow-wrap:break-word;overflow-wrap:anywhere}
a,summary{color:var(--way);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--way);outline-offset:3px}
header{display:contents}
header p,header nav,main,footer{max-width:42rem;margin:0 auto;padding-inline:1rem}
.skip{position:absolute;inset-inline-start:-99rem}
.skip:focus{position:static;display:block;padding:.7rem 1rem}
.leave{position:sticky;inset-block-start:0;z-index:1;display:block;min-height:2.75rem;padding:.5rem 1rem;
background:var(--ink);color:var(--paper);font-weight:700;text-align:center;text-decoration:none}
.leave::before{content:"\\2715"/"";margin-inline-end:.6em}
.leave:focus-visible{outline-color:var(--paper);outline-offset:-6px}
.quiet,small,footer{color:var(--quiet);font-size:.9375rem}
header .quiet{padding-block:.5rem .25rem}
.keys{display:none}
@media (scripting:enabled) and (hover:hover){.keys{display:inline}}
header nav{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:start;column-gap:1rem;
padding-block-end:.25rem;border-block-end:1px solid var(--line)}
nav a,h2 a,h3 a,.contents a,nav [aria-current],summary{display:inline-block;min-height:2.75rem;
min-width:2.75rem;padding-block:.5rem}
summary{cursor:pointer}
.tongues{display:flex;flex-wrap:wrap;column-gap:1.5rem}
h1,h2,h3,h4{line-height:1.4}
h1{font-size:1.65rem;margin-block:1.5rem .75rem}
h1::before{content:"";display:block;inline-size:2.5rem;block-size:.4rem;margin-block-end:.7rem;
border-radius:.2rem;background:var(--way)}
h2{font-size:1.3rem;margin-block:2.25rem .75rem}
h3,h4{font-size:1.0625rem;margin-block:1.5rem .25rem}
p{margin-block:.25rem .6rem}
.card,.note,.tiles a{padding:.9rem 1rem;border-radius:.6rem;background:var(--card);
border:1px solid var(--line)}
.card,.note{margin-block:.75rem}
.card{content-visibility:auto;contain-intrinsic-size:auto 18rem}
.card>:first-child{margin-block-start:0}
.card>:last-child,.note p{margin-block-end:0}
.note{background:var(--note);border-color:transparent}
.now{border:2px solid var(--alarm)}
.late{color:var(--alarm)}
.told{white-space:pre-line}
p:not(.quiet)>[dir]{display:block}
dl{margin-block:.75rem;display:grid;gap:.1rem 1rem}
dt,.late,nav [aria-current]{font-weight:700}
dd{margin:0 0 .5rem}
img{max-width:100%;height:auto;border-radius:.6rem}
audio{inline-size:100%}
svg{flex:none;inline-size:2.25rem;block-size:2.25rem;fill:none;stroke:var(--way);stroke-width:1.75;
stroke-linecap:round;stroke-linejoin:round}
nav ul,.tiles,.list,.many,.found,.contents{margin:0;padding:0;list-style:none}
.contents ul{padding-inline-start:1.25rem;list-style:none}
mark{background:var(--note);color:inherit}
.tiles{margin-block:1rem;display:grid;gap:.75rem;
grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr))}
.tiles a{display:flex;align-items:center;gap:1rem;min-height:4.25rem;height:100%;text-decoration:none}
.tiles b,.tiles small{display:block}
.list a,.many a{display:flex;justify-content:space-between;gap:1rem;min-height:2.75rem;padding:.7rem 0;
border-block-end:1px solid var(--line);text-decoration:none;font-weight:700}
.list a::after,.many a::after,.tiles a::after{content:"\\203a"/"";
margin-inline-start:auto;font-size:1.4em;line-height:1}
.many a{padding-block:1rem;font-size:1.3rem}
.call,.act,button{display:inline-block;max-width:100%;min-height:2.75rem;
padding:.5rem 1.1rem;margin-block:.25rem;
border:2px solid var(--way);border-radius:.6rem;font:inherit;font-weight:700;text-decoration:none;
color:var(--way);background:none}
.call,button:not(.act){background:var(--way);color:var(--paper)}
label,legend{display:block;font-weight:700}
input,select{display:block;inline-size:100%;min-height:2.75rem;padding:.5rem .75rem;
margin-block:.25rem .5rem;border:2px solid var(--quiet);border-radius:.6rem;font:inherit;
color:inherit;background:var(--card)}
fieldset{margin:1.5rem 0;padding:0;border:0;min-inline-size:0}
legend{padding:0}
.pick{display:flex;align-items:start;gap:.75rem;min-height:2.75rem;padding-block:.6rem;font-weight:400}
.pick input{flex:none;inline-size:1.4rem;min-height:1.4rem;margin:.1rem 0 0;accent-color:var(--way)}
.pick small{display:block}
footer{margin-block-start:3rem;padding-block:1rem 2rem;border-block-start:1px solid var(--line)}
footer ul{display:flex;flex-wrap:wrap;column-gap:1.5rem}
@media (min-width:40rem){dl{grid-template-columns:10rem 1fr}}
@media print{header,footer,audio,button,.act{display:none}.card{break-inside:avoid}}
""".strip()

# For `style-src` of the content security policy, quotes and all.
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
