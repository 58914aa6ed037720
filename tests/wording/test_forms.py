"""Names of forms in the chosen language."""

from reconcile.wording.forms import form_name, form_title


def test_a_folder_of_several_forms_is_called_by_the_title_of_each() -> None:
    assert form_title("weflow_json + inferred", "zh") == "WeFlow JSON + 按内容推断的形式"
    assert (
        form_name("weflow_json + inferred", "en")
        == "WeFlow JSON + Form inferred from its content (weflow_json + inferred)"
    )
    assert form_name("strangers_own", "zh") == "strangers_own"
