import uuid, psycopg, pytest
from core import db
from tests.conftest import SQL, url


@pytest.fixture(scope="session")
def template(server):
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    import attribution.models, creators.models, generation.models, licensing.models, payments.models

    engine = db.connect(url(server, name))
    with engine.begin() as c:
        db.Base.metadata.create_all(c)
        for f in ("0001_licensing.sql", "0001_payments.sql"):
            c.exec_driver_sql((SQL / f).read_text())
    engine.dispose()
    yield name
