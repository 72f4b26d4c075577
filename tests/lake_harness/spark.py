"""Spark with Iceberg's Java library, one small session for all tests of a run.

    spark.sql("CREATE TABLE theirs.ns.t (id int) USING iceberg")      # theirs: a catalog of Spark's own
    spark.location("theirs.ns.t")                                     # of its current metadata file
    spark.sql("SELECT * FROM postgres.my_schema.t")                   # postgres: our tables, by JdbcCatalog on iceberg_tables

The catalog of Spark's own is in a database without pg_lake; `beside` is one in our iceberg_tables under another name, as
anyone's may be. Files lie where the server may read.
"""

import re

from lakectl.spark import jars

SETTINGS = {
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "1g", "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1", "spark.sql.shuffle.partitions": "1", "spark.sql.session.timeZone": "UTC",
    # Queries here are small and each is run once: nothing is worth being compiled well.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC -Dlog4j2.level=ERROR",
    "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
}


class Spark:
    def __init__(self, home):
        from pyspark.sql import SparkSession
        self.warehouse = home.home.pgdata.with_name("pgdata_lake") / "spark"
        builder = SparkSession.builder.master("local[1]").config("spark.driver.extraClassPath", ":".join(map(str, jars())))
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        self.session = builder.config("spark.sql.warehouse.dir", f"{self.warehouse}/spark").getOrCreate()
        self.session.sparkContext.setLogLevel("OFF")
        self.jvm = self.session._jvm
        if not home.sql("SELECT 1 FROM pg_database WHERE datname = 'spark'"):
            home.sql("CREATE DATABASE spark")
        for name, database in {"theirs": "spark", "beside": "postgres", "postgres": "postgres"}.items():
            self.catalog(name, type="jdbc", uri=f"jdbc:postgresql://127.0.0.1:{home.home.port}/{database}", warehouse=f"file://{self.warehouse}", **{
                "jdbc.user": "postgres", "jdbc.init-catalog-tables": str(name == "theirs").lower(), "jdbc.schema-version": "V1"})
        self.catalog("hadoop", type="hadoop", warehouse=f"file://{self.warehouse}/hadoop")
        for name in ("theirs", "beside"):
            self.sql(f"CREATE NAMESPACE IF NOT EXISTS {name}.ns")

    def catalog(self, name, **properties):
        self.session.conf.set(f"spark.sql.catalog.{name}", "org.apache.iceberg.spark.SparkCatalog")
        for key, value in {"cache-enabled": "false", **properties}.items():
            self.session.conf.set(f"spark.sql.catalog.{name}.{key}", value)

    def sql(self, text):
        return self.session.sql(text).collect()

    def table(self, name):
        """The table as Iceberg's Java library has it."""
        return self.jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(self.session._jsparkSession, name)

    def location(self, name):
        return self.table(name).operations().current().metadataFileLocation()

    def read(self, location, what="*", where="true"):
        """Rows of a metadata file that no catalog names."""
        frame = self.session.read.format("iceberg").load(location)
        return frame.where(where).selectExpr(*([what] if isinstance(what, str) else what)).collect()

    def stop(self):
        self.session.stop()


def message_of(error):
    """What an error of Spark's says, in one line and without what differs from run to run."""
    text = str(error).strip().splitlines()[0]
    if "Py4JJavaError" in type(error).__name__:
        text = str(error.java_exception.toString())
    return re.sub(r"file:/\S*|/\S*/\S*", "...", text)[:200]
