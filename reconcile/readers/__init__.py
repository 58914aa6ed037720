"""The list of readers, one line each in alphabetical order; `by entry point` strangers may join it.

Each reader lives in a file of its own and knows one form. A new one takes a file, a line here, a fixture folder and a page
docs/formats/NAME.md.
"""

from functools import cache
from importlib.metadata import entry_points

from reconcile.intake.contract import Reader
from reconcile.readers.android_db import AndroidDb
from reconcile.readers.any_table import AnyTable
from reconcile.readers.axiom_csv import AxiomCsv
from reconcile.readers.axiom_xml import AxiomXml
from reconcile.readers.case_uco_jsonld import CaseUcoJsonld
from reconcile.readers.cellebrite_txt import CellebriteTxt
from reconcile.readers.cellebrite_ufdr import CellebriteUfdr
from reconcile.readers.cellebrite_xlsx import CellebriteXlsx
from reconcile.readers.chatlab_json import ChatlabJson
from reconcile.readers.chatlog_csv import ChatlogCsv
from reconcile.readers.chatlog_json import ChatlogJson
from reconcile.readers.chatlog_text import ChatlogText
from reconcile.readers.ciphertalk_json import CiphertalkJson
from reconcile.readers.echotrace_json import EchotraceJson
from reconcile.readers.favourites_db import FavouritesDb
from reconcile.readers.ios_db import IosDb
from reconcile.readers.macos3_db import Macos3Db
from reconcile.readers.memotrace_csv import MemotraceCsv
from reconcile.readers.memotrace_html import MemotraceHtml
from reconcile.readers.memotrace_json import MemotraceJson
from reconcile.readers.memotrace_md import MemotraceMd
from reconcile.readers.memotrace_txt import MemotraceTxt
from reconcile.readers.memotrace_xlsx import MemotraceXlsx
from reconcile.readers.message_table import MessageTable
from reconcile.readers.moments_android_db import MomentsAndroidDb
from reconcile.readers.moments_ios_db import MomentsIosDb
from reconcile.readers.moments_iosexport_json import MomentsIosexportJson
from reconcile.readers.moments_momentstat_json import MomentsMomentstatJson
from reconcile.readers.moments_siwx_json import MomentsSiwxJson
from reconcile.readers.moments_wcda_json import MomentsWcdaJson
from reconcile.readers.moments_wechat4_db import MomentsWechat4Db
from reconcile.readers.moments_weflow_json import MomentsWeflowJson
from reconcile.readers.moments_windows_db import MomentsWindowsDb
from reconcile.readers.pc_backup_db import PcBackupDb
from reconcile.readers.post_table import PostTable
from reconcile.readers.pywxdump_csv import PywxdumpCsv
from reconcile.readers.pywxdump_db import PywxdumpDb
from reconcile.readers.pywxdump_html import PywxdumpHtml
from reconcile.readers.pywxdump_json import PywxdumpJson
from reconcile.readers.relativity_rsmf import RelativityRsmf
from reconcile.readers.wechat4_db import Wechat4Db
from reconcile.readers.wechat_copied_text import WechatCopiedText
from reconcile.readers.wechat_email import WechatEmail
from reconcile.readers.wechat_forward_xml import WechatForwardXml
from reconcile.readers.wechatdataanalysis_zip import WechatdataanalysisZip
from reconcile.readers.wechatdecrypt_csv import WechatdecryptCsv
from reconcile.readers.wechatdecrypt_json import WechatdecryptJson
from reconcile.readers.wechatdump_txt import WechatdumpTxt
from reconcile.readers.wechatexporter_html import WechatexporterHtml
from reconcile.readers.wechatexporter_txt import WechatexporterTxt
from reconcile.readers.wechatmsg_csv import WechatmsgCsv
from reconcile.readers.wechatmsg_html import WechatmsgHtml
from reconcile.readers.wechatmsg_txt import WechatmsgTxt
from reconcile.readers.weflow_api import WeflowApi
from reconcile.readers.weflow_arkme import WeflowArkme
from reconcile.readers.weflow_csv import WeflowCsv
from reconcile.readers.weflow_html import WeflowHtml
from reconcile.readers.weflow_json import WeflowJson
from reconcile.readers.weflow_md import WeflowMd
from reconcile.readers.weflow_sql import WeflowSql
from reconcile.readers.weflow_txt import WeflowTxt
from reconcile.readers.weflow_xlsx import WeflowXlsx
from reconcile.readers.windows_msg_db import WindowsMsgDb

READERS: tuple[Reader, ...] = (
    AndroidDb(),
    AnyTable(),
    AxiomCsv(),
    AxiomXml(),
    CaseUcoJsonld(),
    CellebriteTxt(),
    CellebriteUfdr(),
    CellebriteXlsx(),
    ChatlabJson(),
    ChatlogCsv(),
    ChatlogJson(),
    ChatlogText(),
    CiphertalkJson(),
    EchotraceJson(),
    FavouritesDb(),
    IosDb(),
    Macos3Db(),
    MemotraceCsv(),
    MemotraceHtml(),
    MemotraceJson(),
    MemotraceMd(),
    MemotraceTxt(),
    MemotraceXlsx(),
    MessageTable(),
    MomentsAndroidDb(),
    MomentsIosDb(),
    MomentsIosexportJson(),
    MomentsMomentstatJson(),
    MomentsSiwxJson(),
    MomentsWcdaJson(),
    MomentsWechat4Db(),
    MomentsWeflowJson(),
    MomentsWindowsDb(),
    PcBackupDb(),
    PostTable(),
    PywxdumpCsv(),
    PywxdumpDb(),
    PywxdumpHtml(),
    PywxdumpJson(),
    RelativityRsmf(),
    Wechat4Db(),
    WechatCopiedText(),
    WechatEmail(),
    WechatForwardXml(),
    WechatdataanalysisZip(),
    WechatdecryptCsv(),
    WechatdecryptJson(),
    WechatdumpTxt(),
    WechatexporterHtml(),
    WechatexporterTxt(),
    WechatmsgCsv(),
    WechatmsgHtml(),
    WechatmsgTxt(),
    WeflowApi(),
    WeflowArkme(),
    WeflowCsv(),
    WeflowHtml(),
    WeflowJson(),
    WeflowMd(),
    WeflowSql(),
    WeflowTxt(),
    WeflowXlsx(),
    WindowsMsgDb(),
)  # fmt: skip


@cache
def all_readers() -> tuple[Reader, ...]:
    """The built-in readers, then those of the entry-point group `reconcile.readers`, looked up once."""
    strangers = [point.load()() for point in entry_points(group="reconcile.readers")]
    return (*READERS, *(r for r in strangers if isinstance(r, Reader)))
