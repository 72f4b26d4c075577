"""Catalogs as other engines have them."""

import shutil
from pathlib import Path

import pytest
from lake_harness.spark import Spark
from pyiceberg.catalog.sql import SqlCatalog


@pytest.fixture(scope="session")
def spark(home):
    """One session for all: it takes ten seconds to start."""
    session = Spark(home)
    yield session
    session.stop()


@pytest.fixture
def catalog(home, tmp_path, schema_name):
    """A catalog of PyIceberg's own; its files lie where the server may read."""
    warehouse = home.home.pgdata.with_name("pgdata_lake") / "pyiceberg" / schema_name
    warehouse.mkdir(parents=True, exist_ok=True)
    catalog = SqlCatalog("own", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace("ns")
    return catalog


@pytest.fixture
def our_catalog(home):
    """The tables of this database, by iceberg_tables."""
    return SqlCatalog("postgres", uri=f"postgresql+psycopg2://postgres@127.0.0.1:{home.home.port}/postgres", init_catalog_tables="false")


@pytest.fixture
def handed_over(home):
    """Directories that this process made, for the server to write into."""
    def give(table):
        path = Path(table.location().removeprefix("file://"))
        owner = home.home.pgdata.owner()
        for inside in [path, *path.rglob("*")]:
            shutil.chown(inside, owner)
        return table.metadata_location
    return give
