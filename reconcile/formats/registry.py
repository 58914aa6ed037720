"""The list of readers by name, one line each; plug-ins use the entry-point group `reconcile.readers`.

Each reader knows one format and lives in its producer's folder. A new one needs a file there with its
`pages/NAME.toml`, a line here and a fixture folder.
"""

from functools import cache
from importlib.metadata import entry_points

from reconcile.formats.case_uco.jsonld import CaseUcoJsonld
from reconcile.formats.cellebrite.txt import CellebriteTxt
from reconcile.formats.cellebrite.ufdr import CellebriteUfdr
from reconcile.formats.cellebrite.xlsx import CellebriteXlsx
from reconcile.formats.chatlab.json import ChatlabJson
from reconcile.formats.chatlog.csv import ChatlogCsv
from reconcile.formats.chatlog.json import ChatlogJson
from reconcile.formats.chatlog.text import ChatlogText
from reconcile.formats.ciphertalk.json import CiphertalkJson
from reconcile.formats.echotrace.json import EchotraceJson
from reconcile.formats.inferred.any_table import AnyTable
from reconcile.formats.inferred.reader import InferredForm
from reconcile.formats.magnet.axiom_csv import AxiomCsv
from reconcile.formats.magnet.axiom_xml import AxiomXml
from reconcile.formats.memotrace.csv import MemotraceCsv
from reconcile.formats.memotrace.html import MemotraceHtml
from reconcile.formats.memotrace.json import MemotraceJson
from reconcile.formats.memotrace.markdown import MemotraceMd
from reconcile.formats.memotrace.txt import MemotraceTxt
from reconcile.formats.memotrace.xlsx import MemotraceXlsx
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.formats.neutral.post_table import PostTable
from reconcile.formats.pywxdump.csv import PywxdumpCsv
from reconcile.formats.pywxdump.database import PywxdumpDb
from reconcile.formats.pywxdump.html import PywxdumpHtml
from reconcile.formats.pywxdump.json import PywxdumpJson
from reconcile.formats.qq_client.nt_msg import QqNtDb
from reconcile.formats.relativity.rsmf import RelativityRsmf
from reconcile.formats.siwx.json import MomentsSiwxJson
from reconcile.formats.wechat_app.copied_text import WechatCopiedText
from reconcile.formats.wechat_app.email import WechatEmail
from reconcile.formats.wechat_app.forward_xml import WechatForwardXml
from reconcile.formats.wechat_client.android.messages import AndroidDb
from reconcile.formats.wechat_client.android.moments import MomentsAndroidDb
from reconcile.formats.wechat_client.favourites import FavouritesDb
from reconcile.formats.wechat_client.ios.messages import IosDb
from reconcile.formats.wechat_client.ios.moments import MomentsIosDb
from reconcile.formats.wechat_client.macos3.messages import Macos3Db
from reconcile.formats.wechat_client.pc_backup.messages import PcBackupDb
from reconcile.formats.wechat_client.wechat4.messages import Wechat4Db
from reconcile.formats.wechat_client.wechat4.moments import MomentsWechat4Db
from reconcile.formats.wechat_client.windows3.messages import WindowsMsgDb
from reconcile.formats.wechat_client.windows3.moments import MomentsWindowsDb
from reconcile.formats.wechatdataanalysis.moments import MomentsWcdaJson
from reconcile.formats.wechatdataanalysis.zip import WechatdataanalysisZip
from reconcile.formats.wechatdecrypt.csv import WechatdecryptCsv
from reconcile.formats.wechatdecrypt.json import WechatdecryptJson
from reconcile.formats.wechatdump.txt import WechatdumpTxt
from reconcile.formats.wechatexporter.html import WechatexporterHtml
from reconcile.formats.wechatexporter.txt import WechatexporterTxt
from reconcile.formats.wechatmomentexport.json import MomentsIosexportJson
from reconcile.formats.wechatmomentstat.json import MomentsMomentstatJson
from reconcile.formats.wechatmsg.csv import WechatmsgCsv
from reconcile.formats.wechatmsg.html import WechatmsgHtml
from reconcile.formats.wechatmsg.txt import WechatmsgTxt
from reconcile.formats.weflow.api import WeflowApi
from reconcile.formats.weflow.arkme import WeflowArkme
from reconcile.formats.weflow.csv import WeflowCsv
from reconcile.formats.weflow.html import WeflowHtml
from reconcile.formats.weflow.json import WeflowJson
from reconcile.formats.weflow.markdown import WeflowMd
from reconcile.formats.weflow.moments import MomentsWeflowJson
from reconcile.formats.weflow.sql import WeflowSql
from reconcile.formats.weflow.txt import WeflowTxt
from reconcile.formats.weflow.xlsx import WeflowXlsx
from reconcile.intake.contract import Reader

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
    InferredForm(),
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
    QqNtDb(),
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
