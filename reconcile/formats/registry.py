"""The list of readers by name, one line each; plug-ins use the entry-point group `reconcile.readers`.

Each reader knows one format and lives in its producer's folder. A new one needs a file there with its
`pages/NAME.toml`, which holds its facts and its documentation, a line here and a fixture folder.
"""

from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import PurePosixPath
from typing import NamedTuple

from reconcile.errors import UnrecognisedSource
from reconcile.intake.contract import Reader
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import SUFFIXES as DATABASES


class Form(NamedTuple):
    """One reader: its name, its class below this folder, and the endings of its files ("" = no ending).

    A reader is loaded where a source has such a file. To load all of them takes longer than to compare two small
    exports.
    """

    name: str
    place: str
    endings: tuple[str, ...]


FORMS = (
    Form("android_db", "wechat_client.android.messages:AndroidDb", DATABASES),
    Form("axiom_csv", "magnet.axiom:AxiomCsv", (".csv", ".xlsx")),
    Form("axiom_xml", "magnet.axiom:AxiomXml", (".xml",)),
    Form("case_uco_jsonld", "case_uco.jsonld:CaseUcoJsonld", (".json", ".jsonld")),
    Form("cellebrite_txt", "cellebrite.txt:CellebriteTxt", (".txt",)),
    Form("cellebrite_ufdr", "cellebrite.ufdr:CellebriteUfdr", (".xml",)),
    Form("cellebrite_xlsx", "cellebrite.xlsx:CellebriteXlsx", (".xlsx",)),
    Form("chatlab_json", "chatlab.json:ChatlabJson", (".json", ".jsonl", ".ndjson")),
    Form("chatlog_csv", "chatlog.csv:ChatlogCsv", (".csv",)),
    Form("chatlog_json", "chatlog.json:ChatlogJson", (".json",)),
    Form("chatlog_text", "chatlog.text:ChatlogText", (".log", ".md", ".txt")),
    Form("ciphertalk_json", "ciphertalk.json:CiphertalkJson", (".json",)),
    Form("echotrace_json", "echotrace.json:EchotraceJson", (".json",)),
    Form("favourites_db", "wechat_client.favourites:FavouritesDb", DATABASES),
    Form("inferred", "inferred.reader:InferredForm", ()),
    Form("ios_db", "wechat_client.ios.messages:IosDb", DATABASES),
    Form("macos3_db", "wechat_client.macos3.messages:Macos3Db", DATABASES),
    Form("memotrace_csv", "memotrace.tables:MemotraceCsv", (".csv",)),
    Form("memotrace_html", "memotrace.lists:MemotraceHtml", (".htm", ".html")),
    Form("memotrace_json", "memotrace.lists:MemotraceJson", (".json",)),
    Form("memotrace_md", "memotrace.markdown:MemotraceMd", (".md",)),
    Form("memotrace_txt", "memotrace.txt:MemotraceTxt", (".txt",)),
    Form("memotrace_xlsx", "memotrace.tables:MemotraceXlsx", (".xlsx",)),
    Form("message_table", "neutral.message_table:MessageTable", (".csv", ".jsonl", ".ndjson", ".parquet")),
    Form("moments_android_db", "wechat_client.android.moments:MomentsAndroidDb", DATABASES),
    Form("moments_ios_db", "wechat_client.ios.moments:MomentsIosDb", DATABASES),
    Form("moments_iosexport_json", "wechatmomentexport.json:MomentsIosexportJson", (".js", ".json")),
    Form("moments_momentstat_json", "wechatmomentstat.json:MomentsMomentstatJson", (".json",)),
    Form("moments_siwx_json", "siwx.json:MomentsSiwxJson", (".json",)),
    Form("moments_wcda_json", "wechatdataanalysis.moments:MomentsWcdaJson", (".json",)),
    Form("moments_wechat4_db", "wechat_client.wechat4.moments:MomentsWechat4Db", DATABASES),
    Form("moments_weflow_json", "weflow.moments:MomentsWeflowJson", (".json",)),
    Form("moments_windows_db", "wechat_client.windows3.moments:MomentsWindowsDb", DATABASES),
    Form("pc_backup_db", "wechat_client.pc_backup.messages:PcBackupDb", DATABASES),
    Form("post_table", "neutral.post_table:PostTable", (".csv", ".jsonl", ".ndjson", ".parquet")),
    Form("pywxdump_csv", "pywxdump.chats:PywxdumpCsv", (".csv",)),
    Form("pywxdump_db", "pywxdump.database:PywxdumpDb", DATABASES),
    Form("pywxdump_html", "pywxdump.chats:PywxdumpHtml", (".html", ".js")),
    Form("pywxdump_json", "pywxdump.chats:PywxdumpJson", (".json",)),
    Form("qq_nt_db", "qq_client.nt_msg:QqNtDb", DATABASES),
    Form("relativity_rsmf", "relativity.rsmf:RelativityRsmf", ("", ".json", ".rsmf", ".zip")),
    Form("wechat4_db", "wechat_client.wechat4.messages:Wechat4Db", DATABASES),
    Form("wechat_copied_text", "wechat_app.copied_text:WechatCopiedText", (".md", ".txt")),
    Form("wechat_email", "wechat_app.email:WechatEmail", (".eml", ".htm", ".html", ".txt")),
    Form("wechat_forward_xml", "wechat_app.forward_xml:WechatForwardXml", (".txt", ".xml")),
    Form("wechatdataanalysis_zip", "wechatdataanalysis.zip:WechatdataanalysisZip", (".htm", ".html", ".json", ".txt")),
    Form("wechatdecrypt_csv", "wechatdecrypt.csv:WechatdecryptCsv", (".csv",)),
    Form("wechatdecrypt_json", "wechatdecrypt.json:WechatdecryptJson", (".json",)),
    Form("wechatdump_txt", "wechatdump.txt:WechatdumpTxt", (".txt",)),
    Form("wechatexporter_html", "wechatexporter.html:WechatexporterHtml", (".htm", ".html")),
    Form("wechatexporter_txt", "wechatexporter.txt:WechatexporterTxt", (".txt",)),
    Form("wechatmsg_csv", "wechatmsg.csv:WechatmsgCsv", (".csv",)),
    Form("wechatmsg_html", "wechatmsg.html:WechatmsgHtml", (".htm", ".html")),
    Form("wechatmsg_txt", "wechatmsg.txt:WechatmsgTxt", (".txt",)),
    Form("weflow_api", "weflow.api:WeflowApi", (".json", ".txt")),
    Form("weflow_arkme", "weflow.json:WeflowArkme", (".json",)),
    Form("weflow_csv", "weflow.csv:WeflowCsv", (".csv",)),
    Form("weflow_html", "weflow.html:WeflowHtml", (".htm", ".html")),
    Form("weflow_json", "weflow.json:WeflowJson", (".json",)),
    Form("weflow_md", "weflow.markdown:WeflowMd", (".md",)),
    Form("weflow_sql", "weflow.sql:WeflowSql", (".sql",)),
    Form("weflow_txt", "weflow.txt:WeflowTxt", (".txt",)),
    Form("weflow_xlsx", "weflow.xlsx:WeflowXlsx", (".xlsx",)),
    Form("windows_msg_db", "wechat_client.windows3.messages:WindowsMsgDb", DATABASES),
    Form("wxcli_json", "wxcli.json:WxcliJson", (".json",)),
    Form("wxcli_text", "wxcli.text:WxcliText", (".md", ".txt")),
)

# Endings that readers of texts have. Databases are known by their first bytes, whatever their ending.
_TEXTS = frozenset(e for f in FORMS if f.endings != DATABASES for e in f.endings) - {
    "",
    ".parquet",
    ".rsmf",
    ".xlsx",
    ".zip",
}


def all_readers() -> tuple[Reader, ...]:
    """The built-in readers, then those of the entry-point group `reconcile.readers`."""
    return (*(_load_reader(f.place) for f in FORMS), *_plug_ins())


def readers_for(source: Source) -> tuple[Reader, ...]:
    """The readers whose files may be in the source, by their endings, and all plug-ins."""
    held = {PurePosixPath(n).suffix.lower() for n in (*source.names, *(f.name for f in source.files))}
    return (*(_load_reader(f.place) for f in FORMS if held.intersection(f.endings)), *_plug_ins())


def reader_of(source: Source, forced: str | None = None) -> Reader:
    """The reader for a source, as `identify` chooses it. Raises as `identify` does."""
    if forced is None:
        try:
            return identify(readers_for(source), source)
        except UnrecognisedSource:
            if _is_text_by_name(source):
                with suppress(UnrecognisedSource):
                    return reader_of_rest(source)
            # A file may have any ending, and the error names the nearest of all forms.
    return identify(all_readers(), source, forced)


def _is_text_by_name(source: Source) -> bool:
    """Whether the source is one text with an ending of texts, which no reader of other endings can claim."""
    return source.is_file and source.path.suffix.lower() in _TEXTS and b"\x00" not in source.head()


def reader_of_rest(source: Source) -> Reader:
    """The reader for files left beside what was read; of any make. Raises as `identify` does."""
    return identify((*readers_for(source), *(_load_reader(f.place) for f in FORMS if f.name == "inferred")), source)


@cache
def _load_reader(place: str) -> Reader:
    module, name = place.split(":")
    reader: Reader = getattr(import_module(f"reconcile.formats.{module}"), name)()
    return reader


@cache
def _plug_ins() -> tuple[Reader, ...]:
    found = [point.load()() for point in entry_points(group="reconcile.readers")]
    return tuple(r for r in found if isinstance(r, Reader))
