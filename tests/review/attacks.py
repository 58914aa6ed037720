"""Strings that would like to be something else than text: markup, script, formula, address, direction."""

CALLS = "window.__ran=(window.__ran||0)+1"

MARKUP = [
    f"<script>{CALLS}</script>",
    f"</script><script>{CALLS}</script>",
    f"<img src=x onerror={CALLS}>",
    f"<svg onload={CALLS}>",
    f"<svg><script>{CALLS}</script></svg>",
    f'"><img src=x onerror={CALLS}>',
    f"'><svg/onload={CALLS}>",
    f"<iframe srcdoc='<script>parent.{CALLS}</script>'></iframe>",
    f"<iframe src=javascript:{CALLS}></iframe>",
    f"<a href=javascript:{CALLS}>x</a>",
    f"<body onload={CALLS}>",
    f"<details open ontoggle={CALLS}>",
    f"<input autofocus onfocus={CALLS}>",
    f"<video><source onerror={CALLS}>",
    f"<math><mtext></mtext><script>{CALLS}</script></math>",
    f"<style>@import 'javascript:{CALLS}';</style>",
    f"<link rel=stylesheet href='data:text/css,*{{}}' onload={CALLS}>",
    f"<object data='data:text/html,<script>{CALLS}</script>'></object>",
    f"<meta http-equiv=refresh content='0;url=javascript:{CALLS}'>",
    f"<base href='javascript:{CALLS}//'>",
    f"<form action=javascript:{CALLS}><button>x</button></form>",
    f"<template><script>{CALLS}</script></template>",
    f"<!--><script>{CALLS}</script>-->",
    f"<![CDATA[<script>{CALLS}</script>]]>",
    f"&lt;script&gt;{CALLS}&lt;/script&gt;",
    f"\\u003cscript\\u003e{CALLS}\\u003c/script\\u003e",
    f"javascript:{CALLS}",
    f"data:text/html,<script>{CALLS}</script>",
    f"{{{{constructor.constructor('{CALLS}')()}}}}",
    f"${{{CALLS}}}",
    f"`;{CALLS};`",
    f"';{CALLS};//",
    f"\u2028{CALLS}\u2029",
]
FORMULAS = ['=HYPERLINK("http://x.example","x")', "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1"]
DIRECTION = [
    "借款\u202e0005\u202c元",
    "\u2066abc\u2069",
    "\u200f你好",
    "a\u200bb",
    "\ufeff开头",
    "5\u00ad000",
    "\u3164",
    "\u2800",
]
CONTROL = ["\x1b[31m红\x1b[0m", "\x07", "a\x00b", "\x08\x08\x08", "\x9b31m", "a\r\nb", "\x7f"]
NAMES = [
    "../../etc/passwd",
    "C:\\Windows\\win.ini",
    "%2e%2e%2f",
    "file:///etc/passwd",
    "CON",
    "a" * 3000,
    "{left}{n}",
    "%s%n",
]
LOOKS = [
    "pаypal",
    "Αlpha",
    "5000\U000e0041",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "❤\ufe0f",
    "é\u0301" * 50,
    "１２３",
]

ATTACKS = [*MARKUP, *FORMULAS, *DIRECTION, *CONTROL, *NAMES, *LOOKS]
