"""Snapshots as other engines write them and PyIceberg cannot: delete files of every kind, in format versions 2 and 3.

    writer = OtherWriter(table.metadata_location)
    writer.commit([writer.equality_deletes({"id": [7, None]}, ids=[1])])
    writer.location                                        # of the new metadata file

Bytes of deletion vectors are built here from the specification, with pyroaring's bitmaps.
"""

import json
import os
import re
import struct
import time
import uuid
import zlib
from pathlib import Path

import pyarrow
import pyarrow.parquet
from pyiceberg.avro.file import AvroOutputFile
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (DATA_FILE_TYPE, MANIFEST_LIST_FILE_SCHEMAS, DataFile, DataFileContent, FileFormat, ManifestContent,
                                ManifestEntry, ManifestEntryStatus, ManifestListWriterV2, ManifestWriterV2)
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.typedef import Record
from pyroaring import BitMap


class ManifestWriter(ManifestWriterV2):
    def __init__(self, content, version, spec, schema, output, snapshot_id, codec):
        super().__init__(spec, schema, output, snapshot_id, codec)
        self._content, self._table_version = content, version

    def content(self):
        return self._content

    @property
    def version(self):
        return self._table_version

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes" if self._content == ManifestContent.DELETES else "data"}

    def new_writer(self):
        written = self._with_partition(self.version)
        return AvroOutputFile(output_file=self._output_file, file_schema=written, record_schema=written, schema_name="manifest_entry",
                              metadata=self._meta)


class ManifestListWriter(ManifestListWriterV2):
    """A list of version 3 has one more column, whose values its lines here leave out."""

    def __init__(self, version, *arguments):
        super().__init__(*arguments)
        self._format_version = version
        self._meta["format-version"] = str(version)

    def __enter__(self):
        self._writer = AvroOutputFile(output_file=self._output_file, record_schema=MANIFEST_LIST_FILE_SCHEMAS[2],
                                      file_schema=MANIFEST_LIST_FILE_SCHEMAS[self._format_version], schema_name="manifest_file",
                                      metadata=self._meta)
        self._writer.__enter__()
        return self


class OtherWriter:
    def __init__(self, location):
        self.location = location
        self.path = Path(re.sub("^file:(//)?", "", location))
        self.metadata = json.loads(self.path.read_text())
        self.io = PyArrowFileIO()

    @property
    def version(self):
        return self.metadata["format-version"]

    @property
    def table(self):
        return StaticTable.from_metadata(self.location)

    def new_path(self, suffix):
        path = Path(re.sub("^file:(//)?", "", self.metadata["location"])) / "data" / f"{uuid.uuid4()}{suffix}"
        path.parent.mkdir(exist_ok=True)
        return path

    def entry(self, **members):
        names = [field.name for field in DATA_FILE_TYPE[self.version].fields]
        file = DataFile.from_args(self.version, **{name: members.pop(name, None) for name in names})
        assert not members, members
        return file

    def parquet(self, rows, content, *, partition=(), spec_id=None, compression="snappy", **members):
        """A Parquet file of a pyarrow table, as an entry."""
        path = self.new_path(".parquet")
        pyarrow.parquet.write_table(rows, path, compression=compression)
        file = self.entry(content=content, file_path=f"file://{path}", file_format=FileFormat.PARQUET, partition=Record(*partition),
                          record_count=rows.num_rows, file_size_in_bytes=os.path.getsize(path), **members)
        file.spec_id = self.metadata["default-spec-id"] if spec_id is None else spec_id
        return file

    def equality_deletes(self, rows, ids, **place):
        """`rows`: a pyarrow table whose columns have field ids, or values by name of columns of the current schema."""
        if isinstance(rows, dict):
            arrow = self.table.schema().as_arrow()
            rows = pyarrow.table({name: pyarrow.array(values, arrow.field(name).type) for name, values in rows.items()},
                                 pyarrow.schema([arrow.field(name).with_nullable(True) for name in rows]))
        return self.parquet(rows, DataFileContent.EQUALITY_DELETES, equality_ids=ids, **place)

    def position_deletes(self, rows, **place):
        """`rows`: pairs of path and position."""
        ids = {"file_path": b"2147483546", "pos": b"2147483545"}
        types = {"file_path": pyarrow.string(), "pos": pyarrow.int64()}
        schema = pyarrow.schema([pyarrow.field(name, types[name], metadata={b"PARQUET:field_id": ids[name]}) for name in ids])
        rows = pyarrow.table([[path for path, _ in rows], [row for _, row in rows]], schema=schema)
        return self.parquet(rows, DataFileContent.POSITION_DELETES, **place)

    def deletion_vectors(self, rows):
        """`rows`: positions by data file (an entry); one Puffin file for all."""
        path = self.new_path(".puffin")
        body, blobs, entries = b"PFA1", [], []
        for file, positions in rows.items():
            bitmap = b"\xd1\xd3\x39\x64" + struct.pack("<QI", 1, 0) + BitMap(positions).serialize()
            blob = struct.pack(">I", len(bitmap)) + bitmap + struct.pack(">I", zlib.crc32(bitmap))
            blobs.append({"type": "deletion-vector-v1", "fields": [2147483645], "snapshot-id": -1, "sequence-number": -1,
                          "offset": len(body), "length": len(blob),
                          "properties": {"referenced-data-file": file.file_path, "cardinality": str(len(positions))}})
            body += blob
        payload = json.dumps({"blobs": blobs}).encode()
        path.write_bytes(body + b"PFA1" + payload + struct.pack("<II", len(payload), 0) + b"PFA1")
        for (file, positions), blob in zip(rows.items(), blobs):
            entry = self.entry(content=DataFileContent.POSITION_DELETES, file_path=f"file://{path}", file_format=FileFormat.PUFFIN,
                               partition=file.partition, record_count=len(positions), file_size_in_bytes=path.stat().st_size,
                               referenced_data_file=file.file_path, content_offset=blob["offset"], content_size_in_bytes=blob["length"])
            entry.spec_id = file.spec_id
            entries.append(entry)
        return entries

    def commit(self, files, *, codec="deflate", summary=None, **changes):
        """A snapshot that adds files to those of the current one; `changes` are members of the metadata, underscores for hyphens."""
        metadata, snapshot_id = self.metadata, uuid.uuid4().int >> 65
        sequence_number = metadata["last-sequence-number"] + 1
        current = next((s for s in metadata["snapshots"] if s["snapshot-id"] == metadata.get("current-snapshot-id")), None)
        manifests = list(self.table.current_snapshot().manifests(self.io)) if current else []
        schema = next(Schema.model_validate(s) for s in metadata["schemas"] if s["schema-id"] == metadata["current-schema-id"])
        folder = self.path.parent
        for content in (ManifestContent.DATA, ManifestContent.DELETES):
            for spec_json in metadata["partition-specs"]:
                spec = PartitionSpec.model_validate(spec_json)
                chosen = [file for file in files if (file.content == DataFileContent.DATA) == (content == ManifestContent.DATA)
                          and file.spec_id == spec.spec_id]
                if not chosen:
                    continue
                output = self.io.new_output(f"file://{folder}/{uuid.uuid4()}-m0.avro")
                with ManifestWriter(content, self.version, spec, schema, output, snapshot_id, codec) as writer:
                    for file in chosen:
                        writer.add_entry(ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=snapshot_id, data_file=file))
                manifests.append(writer.to_manifest_file())
        listed = f"file://{folder}/snap-{snapshot_id}-{uuid.uuid4()}.avro"
        with ManifestListWriter(self.version, self.io.new_output(listed), snapshot_id, current and current["snapshot-id"], sequence_number,
                                codec) as writer:
            writer.add_manifests(manifests)
        now = max(int(time.time() * 1000), metadata["last-updated-ms"])
        snapshot = {"snapshot-id": snapshot_id, "sequence-number": sequence_number, "timestamp-ms": now, "manifest-list": listed,
                    "schema-id": metadata["current-schema-id"], "summary": {"operation": "overwrite", **(summary or {})}}
        if current:
            snapshot["parent-snapshot-id"] = current["snapshot-id"]
        if self.version >= 3:
            snapshot |= {"first-row-id": metadata.get("next-row-id", 0), "added-rows": 0}
            metadata.setdefault("next-row-id", 0)
        metadata["snapshots"].append(snapshot)
        metadata["snapshot-log"] = metadata.get("snapshot-log", []) + [{"timestamp-ms": now, "snapshot-id": snapshot_id}]
        metadata["refs"] = metadata.get("refs", {}) | {"main": {"snapshot-id": snapshot_id, "type": "branch"}}
        metadata |= {"current-snapshot-id": snapshot_id, "last-sequence-number": sequence_number}
        return self.rewrite(now, **changes)

    def rewrite(self, now=None, **changes):
        """The metadata under a new name, without a snapshot."""
        self.metadata |= {"last-updated-ms": now or self.metadata["last-updated-ms"]}
        self.metadata |= {name.replace("_", "-"): value for name, value in changes.items()}
        number = int(self.path.name.split("-")[0]) + 1
        self.path = self.path.with_name(f"{number:05}-{uuid.uuid4()}.metadata.json")
        self.path.write_text(json.dumps(self.metadata))
        self.location = f"file://{self.path}"
        return self.location

    def data_files(self):
        """The live data files, with the specs they belong to."""
        return [entry.data_file for manifest in self.table.current_snapshot().manifests(self.io)
                if manifest.content == ManifestContent.DATA for entry in manifest.fetch_manifest_entry(self.io)]
