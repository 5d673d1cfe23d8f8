"""The style of the readers' pages: one text, sent inside each page, known to the policy by its hash.

Logical properties only (start and end, never left and right), so that it mirrors by itself.
"""

import base64
import hashlib

STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;font:1.0625rem/1.55 system-ui,sans-serif;color:#1b1b1b;background:#fff}
[dir=rtl]{line-height:1.75}
a{color:#0a4b78;text-underline-offset:.15em;overflow-wrap:anywhere}
a:focus-visible,summary:focus-visible{outline:3px solid #b35c00;outline-offset:2px}
header,main,footer{max-width:42rem;margin-inline:auto;padding-inline:1rem}
.skip{position:absolute;inset-inline-start:-99rem}
.skip:focus{position:static}
header{padding-block:.75rem;border-block-end:1px solid #ccc}
.leave{display:block;padding:.6rem 1rem;background:#8c1d18;color:#fff;font-weight:700;
text-align:center;text-decoration:none;border-radius:.4rem}
.quiet{color:#4d4d4d;font-size:.9375rem}
header .quiet{margin-block:.3rem .5rem}
nav ul{display:flex;flex-wrap:wrap;gap:0 1.25rem;margin:0;padding:0;list-style:none}
nav li>*{display:inline-block;padding-block:.6rem;min-height:2.75rem}
nav [aria-current]{font-weight:700}
.note{margin-block:.75rem;padding:.6rem .8rem;background:#fff4d6;border-inline-start:.35rem solid #b35c00}
.note p{margin:0}
h1{font-size:1.6rem;line-height:1.3;margin-block:1.25rem .75rem}
h2{font-size:1.3rem;margin-block:2rem .5rem;padding-block-start:.75rem;border-block-start:2px solid #1b1b1b}
h3{font-size:1.0625rem;margin-block:1.25rem .25rem}
h4{font-size:1.0625rem;margin-block:0 .25rem}
p{margin-block:.25rem .5rem}
.card{margin-block:.75rem;padding:.75rem;border:1px solid #c4c4c4;border-radius:.4rem}
dl{margin-block:.5rem;display:grid;gap:.1rem .75rem}
dt{font-weight:700}
dd{margin:0 0 .4rem}
.card h3{margin-block-start:0}
.now{border-inline-start:.35rem solid #8c1d18}
.told{white-space:pre-line}
img{max-width:100%;height:auto}
audio{width:100%}
summary{padding-block:.6rem}
.call{display:inline-block;padding:.55rem .9rem;margin-block:.25rem;border:2px solid #0a4b78;
border-radius:.4rem;font-weight:700;text-decoration:none}
.list{padding:0;list-style:none}
.list a{display:block;padding:.7rem 0;border-block-end:1px solid #ddd}
.late{color:#8c1d18;font-weight:700}
footer{margin-block-start:2.5rem;padding-block:1rem;border-block-start:1px solid #ccc}
@media (min-width:40rem){dl{grid-template-columns:10rem 1fr}.leave{display:inline-block}}
""".strip()

# For `style-src` of the content security policy, quotes and all.
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
