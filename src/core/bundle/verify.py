#!/usr/bin/env python3
"""Checks the Custody bundle in the directory of this file, with nothing but Python 3 and OpenSSL 3.

It is another program than `custody verify`, written from the README alone, and says the same in fewer words.
Evidence in here may be malicious: it is read, and never run.
"""
import base64, hashlib, json, os, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))


def fail(message):
    sys.exit(f"NOT as it was exported: {message}")


def path(name):
    return os.path.join(here, *name.split("/"))


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


def lines(name):
    return read(name).decode("utf-8").split("\n")[:-1]


def sha256_of_file(name):
    digest = hashlib.sha256()
    with open(path(name), "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def signed(public_key, message, signature):
    """Whether an Ed25519 key of 32 bytes signed the message."""
    with tempfile.TemporaryDirectory() as place:
        names = [os.path.join(place, name) for name in ("key", "message", "signature")]
        contents = [bytes.fromhex("302a300506032b6570032100") + public_key, message, signature]
        for name, content in zip(names, contents):
            with open(name, "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0]]
        command += ["-rawin", "-in", names[1], "-sigfile", names[2]]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves, size, parts):
    """The root of an RFC 6962 tree: of `leaves` (index -> hash), and of what is told of all the others, from left to right."""
    told = iter(parts)
    indices = sorted(leaves)

    def fold(start, end, shown):
        if not shown:
            first, last, coded = next(told, (None, None, ""))
            if (first, last) != (start, end):
                fail("the proof is of other events")
            return base64.b64decode(coded)
        if end - start == 1:
            return leaves[start]
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        left = [index for index in shown if index < middle]
        return node(fold(start, middle, left), fold(middle, end, shown[len(left) :]))

    root = fold(0, size, indices)
    if next(told, None) is not None:
        fail("the proof has more than it needs")
    return root


def check_files():
    after_sums = {"SHA256SUMS"} | {"ledger/" + name for name in ("export.jsonl", "proof.jsonl", "checkpoint.txt", "key.txt")}
    listed = set()
    for line in lines("SHA256SUMS"):
        expected, name = line[:64], line[66:]
        listed.add(name)
        if not os.path.isfile(path(name)) or sha256_of_file(name) != expected:
            fail(f"{name} is missing or altered")
    for folder, _, files in os.walk(here):
        for file in files:
            name = os.path.relpath(os.path.join(folder, file), here).replace(os.sep, "/")
            if name not in listed and name not in after_sums:
                fail(f"{name} is not on the list")
    return listed


def check_checkpoint():
    name, _, coded_key = read("ledger/key.txt").decode().strip().split("+", 2)
    text, _, signature_lines = read("ledger/checkpoint.txt").decode().partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    dash, signer, coded = signature_lines.split("\n")[0].split(" ")
    key, signature = base64.b64decode(coded_key)[1:], base64.b64decode(coded)[4:]
    if dash != "\u2014" or not name == origin == signer or not signed(key, (text + "\n").encode(), signature):
        fail("the checkpoint is not signed by the key beside it")
    return int(size), base64.b64decode(root)


def check_events(size, root):
    events, hashes = {}, {}
    exported = lines("ledger/export.jsonl")
    for line in lines("events.jsonl") + exported:
        number = json.loads(line)[1]
        events[number] = json.loads(line)
        hashes[number - 1] = hashlib.sha256(b"\x00" + line.encode()).digest()
    if root_of(hashes, size, [tuple(json.loads(line)) for line in lines("ledger/proof.jsonl")]) != root:
        fail("the events are not those of the ledger")
    facts = json.loads(json.loads(exported[0])[10])
    if len(exported) != 1 or facts["sums"] != sha256_of_file("SHA256SUMS") or facts["events"] != len(events) - 1:
        fail("the ledger tells of another export")
    return events.values(), facts["reports"]


def check_reports(events):
    told = {}
    for event in events:
        if event[2] == "task_finished":
            facts = json.loads(event[10])
            if "refused" not in facts:
                told[facts["taskId"]] = facts
    keys = {each["id"]: base64.b64decode(each["publicKey"]) for each in json.loads(read("endpoints.json"))}
    for identity, key in keys.items():
        if hashlib.sha256(key).hexdigest()[:32] != identity:
            fail(f"the key of the endpoint {identity} is another one's")
    seen = set()
    for line in lines("reports.jsonl"):
        each = json.loads(line)
        report, signature = base64.b64decode(each["report"]), base64.b64decode(each["signature"])
        if not signed(keys[each["endpointId"]], b"custody-report-v1\x00" + report, signature):
            fail(f"the report of the task {each['taskId']} is not signed by its endpoint")
        facts = told.get(each["taskId"], {})
        if facts.get("reportSha256", hashlib.sha256(report).hexdigest()) != hashlib.sha256(report).hexdigest():
            fail(f"the report of the task {each['taskId']} is not the one that the ledger tells of")
        seen.add(each["taskId"])
    if seen != set(told):
        fail("reports are missing, or more than the ledger tells of")
    return len(seen), {file.get("sha256") for facts in told.values() for file in facts.get("files", [])}


listed = check_files()
size, root = check_checkpoint()
events, exported_reports = check_events(size, root)
reports, contents = check_reports(events)
if reports != exported_reports:
    fail("the ledger tells of another export")
evidence = {name[len("evidence/") :] for name in listed if name.startswith("evidence/")}
if not evidence <= contents:
    fail("there is a file that no agent reported")
print(f"As it was exported: {len(listed)} files, {len(events)} events, {reports} reports, of the ledger")
print(read("ledger/key.txt").decode().strip())
