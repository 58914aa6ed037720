"""Any export that holds time, sender and text, in a form that no other reader knows.

`reader` reads a file in these steps: `containers` takes it apart into frames of text fields (`text/`, `json/`, `pages/`,
`tables/`, `records/`, `mails/`), `scores` gives each field a role by its values (`times/`, `people/`, `words/`) and states
it as a `mapping`, and `rows` turns the frame into messages.
"""
