"""Iceberg's own Java library, in a JVM of its own: the jar that the tests have for Spark, called by py4j. Spark itself is not started."""

import time
from pathlib import Path

from lakectl import spark

ROUNDS = 7


class JavaIceberg:
    """None of it where Spark is not installed (./lake test interop installs it): see available()."""

    def __init__(self):
        import pyspark
        from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
        jars = Path(pyspark.__file__).parent / "jars"
        port = launch_gateway(jarpath=str(next(jars.glob("py4j-*.jar"))), classpath=":".join([f"{jars}/*", *map(str, spark.jars())]),
                              javaopts=["-Xmx2g", "-Dlog4j2.level=OFF"], die_on_exit=True)
        self.gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
        self.iceberg = self.gateway.jvm.org.apache.iceberg
        self.io = self.iceberg.hadoop.HadoopFileIO(self.gateway.jvm.org.apache.hadoop.conf.Configuration())

    @staticmethod
    def available():
        return spark.is_complete()

    def metadata(self, location):
        return self.iceberg.TableMetadataParser.read(self.io, location)

    def read_metadata(self, location):
        """Seconds of each round: the first is a JVM's that has compiled nothing."""
        return [self.timed(lambda: self.metadata(location)) for _ in range(ROUNDS)]

    def read_manifests(self, location):
        """Of the current snapshot, every entry with all that it has; seconds of each round, and the number of entries."""
        metadata = self.metadata(location)
        manifests = metadata.currentSnapshot().allManifests(self.io)
        size = self.iceberg.relocated.com.google.common.collect.Iterables.size
        counts = []

        def round_of_it():
            counts.append(sum(size(self.iceberg.ManifestFiles.read(manifest, self.io, metadata.specsById())) for manifest in manifests))
        return [self.timed(round_of_it) for _ in range(ROUNDS)], counts[-1]

    @staticmethod
    def timed(work):
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    def stop(self):
        self.gateway.shutdown()
