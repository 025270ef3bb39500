//! The SQLite file: who may read it, who serves it, what happens when it is gone, and its backups.

use std::path::Path;
use std::process::Command;

use diesel::prelude::*;
use portico::db::{DatabaseUrl, Db, DbError};
use portico::schema::organizations;

use crate::support::{
    Persona, Portal, postgresql_cluster,
    process::{Alone, Ended, Process, portico, run, serve, serve_beside},
};

fn path(url: &DatabaseUrl) -> &Path {
    let DatabaseUrl::Sqlite(path) = url else { panic!("this is on SQLite") };
    path
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

#[test]
fn nobody_else_can_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portico.db");
    let process = Process::start(serve(&format!("sqlite://{}", file.display())));
    for ending in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&folder.path().join(format!("portico.db{ending}"))), 0o600, "{ending}");
    }
    process.stop();
    let data = folder.path().join("demo");
    let mut demo = portico(["demo", "--listen", "127.0.0.1:0", "--data"]);
    demo.arg(&data);
    let _process = Process::start(demo);
    assert_eq!((mode(&data), mode(&data.join("portico.db")), mode(&data.join("secret.key"))), (0o700, 0o600, 0o600));
}

#[test]
fn a_file_that_is_gone_is_not_written_into() {
    let portal = Portal::on_sqlite();
    let owner = portal.signed_in(Persona::Owner);
    let file = path(portal.app.db.url()).to_owned();
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    let create = || owner.post("/organizations/new", &[("kind", "individual"), ("name", "Nowhere")]).status;
    assert_eq!(create(), 503);
    assert_eq!(portal.browser().get("/readyz").status, 503);
    std::fs::copy(&aside, &file).unwrap();
    assert_eq!(create(), 503, "another file in its place is not the same");
    std::fs::rename(&aside, &file).unwrap();
    crate::support::lines::poll("the same file is served again", || (create() == 303).then_some(()));
}

#[test]
fn one_process_serves_a_file() {
    let portal = Portal::on_sqlite();
    let process = Process::start(serve_beside(&portal));
    let ended = run(serve_beside(&portal));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.error.contains("another process serves this file already"), "{ended:?}");
    // Other commands work beside it.
    let mut migrate = portico(["migrate"]);
    migrate.env("PORTICO_DATABASE_URL", portal.app.db.url().to_string());
    assert_eq!(run(migrate).code, Some(0));
    process.stop();
    Process::start(serve_beside(&portal)).stop();
}

fn with_file(command: &str, url: &str, file: &Path) -> Ended {
    let mut command: Command = portico([command]);
    command.arg(file).env("PORTICO_DATABASE_URL", url);
    run(command)
}

#[test]
fn a_backup_has_all_that_was_answered_and_comes_back() {
    let portal = Portal::on_sqlite();
    let alone = Alone::of(&portal);
    let url = alone.url.to_string();
    let folder = path(&alone.url).parent().unwrap().to_owned();
    let backup = folder.join("backup.db");
    let process = Process::start(serve(&url));
    let owner = process.signed_in(Persona::Owner);
    let create = |name: &str| {
        assert_eq!(owner.post("/organizations/new", &[("kind", "individual"), ("name", name)]).status, 303);
    };
    create("Before");
    let made = with_file("backup", &url, &backup);
    assert_eq!((made.code, made.error.as_str()), (Some(0), ""), "{made:?}");
    let bytes = std::fs::metadata(&backup).unwrap().len();
    assert!(made.output.contains(&format!("{bytes} bytes")) && made.output.contains("PORTICO_SECRET_KEY"), "{made:?}");
    assert_eq!(mode(&backup), 0o600);
    let again = with_file("backup", &url, &backup);
    assert!(again.code == Some(1) && again.error.contains("exists"), "{again:?}");
    create("After");

    let served = with_file("restore", &url, &backup);
    assert!(served.code == Some(1) && served.error.contains("another process serves this file"), "{served:?}");
    process.stop();
    let names = || -> Vec<String> {
        let db = Db::connect(&alone.url, 1).unwrap();
        db.look(|connection| Ok::<_, DbError>(organizations::table.select(organizations::name).load(connection)?))
            .unwrap()
    };
    for (content, why) in
        [("not a database at all, but long enough to look at", "not a database"), ("", "not a database")]
    {
        let other = folder.join("other");
        std::fs::write(&other, content).unwrap();
        let refused = with_file("restore", &url, &other);
        assert!(refused.code == Some(1) && refused.error.contains(why), "{refused:?}");
    }
    assert!(names().contains(&"After".to_owned()), "nothing was touched");

    let restored = with_file("restore", &url, &backup);
    assert_eq!((restored.code, restored.error.as_str()), (Some(0), ""), "{restored:?}");
    assert!(names().contains(&"Before".to_owned()) && !names().contains(&"After".to_owned()), "{:?}", names());
    let kept = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path());
    let kept = kept
        .filter(|path| path.to_string_lossy().contains(".before-"))
        .find(|path| !path.to_string_lossy().contains("-wal"));
    let kept = DatabaseUrl::Sqlite(kept.expect("what was there is kept"));
    let db = Db::connect(&kept, 1).unwrap();
    let after = db.look(|connection| {
        Ok::<i64, DbError>(organizations::table.filter(organizations::name.eq("After")).count().get_result(connection)?)
    });
    assert_eq!(after.unwrap(), 1);
}

#[test]
fn postgresql_has_tools_of_its_own_for_backups() {
    for (command, tool) in [("backup", "pg_dump"), ("restore", "pg_restore")] {
        let ended = with_file(command, "postgres://portico:hush@127.0.0.1:1/portico", Path::new("backup"));
        assert!(ended.code == Some(1) && ended.error.contains(tool) && !ended.error.contains("hush"), "{ended:?}");
    }
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_newer_database_is_served_and_said_aloud() {
    use diesel::connection::SimpleConnection;
    let cluster = postgresql_cluster();
    let portal = Portal::on_postgresql();
    let name = portal.app.db.url().to_string();
    let name = name.rsplit_once('/').expect("a database").1;
    PgConnection::establish(&cluster.url(name))
        .unwrap()
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')")
        .unwrap();
    let process = Process::start(serve_beside(&portal));
    process.wait_for_log("newer than this program");
    assert_eq!(process.browser().get("/readyz").status, 200);
}
