"""Renders case.jsonld: material, comparison and results as a CASE/UCO graph (CASE 1.3, UCO 1.3).

Ids are UUID 5 of what they name, so the same report gives the same graph. Messages are not included: the graph contains
files, accounts, the action and its results, and counts findings by conversation.
"""

import uuid
from typing import Any

import orjson

from reconcile.report.model import ReportData
from reconcile.report.model_findings import ConversationReport
from reconcile.report.model_sides import FileFact, SideFact

_CONTEXT = {
    "kb": "urn:reconcile:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "uco-vocabulary": "https://ontology.unifiedcyberontology.org/uco/vocabulary/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_SPACE = uuid.UUID("6f0d0c56-9d1f-5c3e-8f70-0d6a3c7f1b52")

Node = dict[str, Any]


def render_case(data: ReportData) -> bytes:
    """The bytes of case.jsonld."""
    graph = {"@context": _CONTEXT, "@graph": list(_all_nodes(data))}
    return orjson.dumps(graph, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _all_nodes(data: ReportData) -> list[Node]:
    files = {side.side.value: [_file_node(data, f) for f in side.files] for side in data.sides}
    accounts = [_account_node(data, side) for side in data.sides if side.owner.id or side.owner.name]
    provenance = [_provenance_node(data, side, files[side.side.value]) for side in data.sides]
    threads = [_thread_node(data, c) for c in data.conversations]
    outputs = [_output_node(data, name, digest) for name, digest in data.hashes]
    results = _results_node(data, [*outputs, *threads])
    return [
        _investigation_node(data, [*provenance, results]),
        _tool_node(data),
        _action_node(data, provenance, results),
        *provenance,
        results,
        *(f for side in files.values() for f in side),
        *accounts,
        *threads,
        *outputs,
    ]


def _node_id(data: ReportData, kind: str, *names: object) -> str:
    """An id that is equal for equal names: UUID 5 of the case, the kind and the names."""
    return f"kb:{kind}-{uuid.uuid5(_SPACE, '|'.join([data.case, kind, *map(str, names)]))}"


def _reference_to(node: Node) -> Node:
    """A link to the node: its `@id` alone."""
    return {"@id": node["@id"]}


def _hash_node(data: ReportData, method: str, value: str, *names: object) -> Node:
    """A hash of the object that `names` identify; unknown methods are named as plain text."""
    known = method in ("SHA256", "MD5", "SHA1")
    named = {"@type": "uco-vocabulary:HashNameVocab", "@value": method} if known else method
    return {
        "@id": _node_id(data, "hash", method, value, *names),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": named,
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": value},
    }


def _file_node(data: ReportData, file: FileFact) -> Node:
    names = (file.side, file.path)
    return {
        "@id": _node_id(data, "file", *names),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": _node_id(data, "file-facet", *names),
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": file.path.rpartition("/")[2],
                "uco-observable:filePath": file.path,
                "uco-observable:sizeInBytes": file.size,
            },
            {
                "@id": _node_id(data, "content-facet", *names),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:hash": [
                    _hash_node(data, "SHA256", file.sha256, *names),
                    _hash_node(data, "SM3", file.sm3, *names),
                ],
            },
        ],
    }


def _output_node(data: ReportData, name: str, digest: str) -> Node:
    return {
        "@id": _node_id(data, "output", name),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": _node_id(data, "output-facet", name),
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": name,
            },
            {
                "@id": _node_id(data, "output-content", name),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:hash": [_hash_node(data, "SHA256", digest, name)],
            },
        ],
    }


def _account_node(data: ReportData, side: SideFact) -> Node:
    owner = side.owner
    facet = {
        "@id": _node_id(data, "account-facet", side.side),
        "@type": "uco-observable:AccountFacet",
        "uco-observable:accountIdentifier": owner.id or owner.alias or owner.name or "",
    }
    return {
        "@id": _node_id(data, "account", side.side),
        "@type": "uco-observable:Account",
        "uco-core:name": owner.name or owner.id or side.label,
        "uco-core:hasFacet": [facet],
    }


def _thread_node(data: ReportData, report: ConversationReport) -> Node:
    sums = report.sums
    counts = ", ".join(f"{k}={v}" for k, v in sums.model_dump().items())
    return {
        "@id": _node_id(data, "thread", report.conversation),
        "@type": "uco-observable:MessageThread",
        "uco-core:name": report.conversation,
        "uco-core:description": f"grade={report.grade}; {counts}; reasons={','.join(report.reasons)}",
    }


def _provenance_node(data: ReportData, side: SideFact, files: list[Node]) -> Node:
    return {
        "@id": _node_id(data, "provenance", side.side),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:name": side.label,
        "uco-core:description": f"export read by {side.reader}; tool {side.tool or 'not stated'} {f'(version as the file states it: {side.tool_version})' if side.tool_version else ''}".strip(),
        "case-investigation:exhibitNumber": side.side.value,
        "uco-core:object": [_reference_to(f) for f in files],
    }


def _results_node(data: ReportData, nodes: list[Node]) -> Node:
    return {
        "@id": _node_id(data, "provenance", "results"),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:name": "results of the comparison",
        "uco-core:object": [_reference_to(n) for n in nodes],
    }


def _tool_node(data: ReportData) -> Node:
    return {
        "@id": _node_id(data, "tool", data.program_version),
        "@type": "uco-tool:ConfiguredTool",
        "uco-core:name": "reconcile",
        "uco-tool:version": data.program_version,
        "uco-core:description": "; ".join(f"{k}={v}" for k, v in data.settings),
    }


def _action_node(data: ReportData, inputs: list[Node], results: Node) -> Node:
    return {
        "@id": _node_id(data, "action", data.command),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": "comparison of two exports",
        "uco-core:description": data.command,
        "uco-action:instrument": {"@id": _node_id(data, "tool", data.program_version)},
        "uco-action:object": [_reference_to(n) for n in inputs],
        "uco-action:result": [_reference_to(results)],
    }


def _investigation_node(data: ReportData, nodes: list[Node]) -> Node:
    return {
        "@id": _node_id(data, "investigation"),
        "@type": "case-investigation:Investigation",
        "uco-core:name": data.case,
        "uco-core:object": [_reference_to(n) for n in nodes],
    }
