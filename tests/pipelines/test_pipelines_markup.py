"""Visible text and links of markup."""

import pytest

from pipelines.markup import links, visible_text

TEXTS = [
    ("plain text", "ciao", "ciao"),
    ("inline tags are joined", "<b>311</b><i>445</i><span>5667</span>", "3114455667"),
    ("comment inside a number", "311<!-- 99 -->4455667", "3114455667"),
    ("spaces around inline tags", "una <b> bella </b> ragazza", "una bella ragazza"),
    ("br is a line", "a<br>b<br/>c", "a\nb\nc"),
    ("many br, one blank line", "a<br><br><br><br>b", "a\n\nb"),
    ("blocks are lines", "<div>a<div>b</div>c</div>d", "a\nb\nc\nd"),
    ("paragraphs have a blank line between", "<p>a</p>\n<p>b</p>", "a\n\nb"),
    ("list", "<ul><li>a</li><li>b</li></ul>", "a\nb"),
    ("table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    ("source line ends are spaces", "una\n  bella\tragazza", "una bella ragazza"),
    ("but not in pre", "<pre>a\nb</pre>", "a\nb"),
    ("entities", "&#51;&#51;&#51; &amp; &euro;", "333 & €"),
    (
        "script, style, template",
        "a<script>9</script><style>x{}</style><template>8</template>b",
        "ab",
    ),
    ("noscript", "a<noscript>9</noscript>b", "ab"),
    ("form choices", "a<select><option>9</option></select><textarea>8</textarea>b", "ab"),
    ("display none", '333<span style="color:red; display : none">99</span>111', "333111"),
    ("visibility hidden", '333<i style="visibility:hidden">99</i>111', "333111"),
    ("no size", '333<i style="font-size:0px">99</i>111', "333111"),
    ("no opacity", '333<i style="opacity: 0">99</i>111', "333111"),
    ("half opacity is seen", '333<i style="opacity:0.5">99</i>111', "33399111"),
    ("hidden attribute", "333<b hidden>99</b>111", "333111"),
    ("hidden parent", "<div hidden><p>99</p></div>a", "a"),
    ("hidden by a class rule", '<style>.q{display:none}</style>333<i class="x q">9</i>1', "3331"),
    ("hidden by an id rule", '<style>a,#q {display:none}</style>333<i id="q">9</i>1', "3331"),
    ("a visible class", "<style>.q{color:red}</style>333<i class=q>9</i>1", "33391"),
    ("aria-hidden is seen by eyes", '<span aria-hidden="true">333</span>', "333"),
    ("emoji as picture", '<img alt="3️⃣" src="x.png"><img alt="foto di Anna">', "3️⃣"),
    ("links keep their text", '<a href="/x">mostra</a>', "mostra"),
    ("broken markup", "<p>a<b>b</p>c</i>", "ab\n\nc"),
    ("deep nesting", "<div>" * 20_000 + "a", "a"),
    ("a lone surrogate", "a\ud800b", "a?b"),
    ("empty", "", ""),
]


@pytest.mark.parametrize(("html", "expected"), [c[1:] for c in TEXTS], ids=[c[0] for c in TEXTS])
def test_visible_text(html: str, expected: str) -> None:
    assert visible_text(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="tel:+393114455667">x</a>', ("tel:+393114455667",)),
        ('<p><a href=" /a ">1</a><a href="/b">2</a></p>', ("/a", "/b")),
        ('<a name="top">x</a><a href="">y</a>', ()),
        ('<div style="display:none"><a href="tel:1">x</a></div>', ()),
        ('<a hidden href="tel:1">x</a>', ()),
        ('<template><a href="tel:1">x</a></template>', ()),
        ("", ()),
    ],
)
def test_links(html: str, expected: tuple[str, ...]) -> None:
    assert links(html) == expected
