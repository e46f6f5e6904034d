-- Roles and databases of Xieshou. Run it with psql as an administrator, as often as you like:
--
--   export CATALOG_OWNER_PASSWORD=… CATALOG_APP_PASSWORD=… MATCHING_OWNER_PASSWORD=… MATCHING_APP_PASSWORD=…
--   psql -X -d postgres -f deploy/postgres/provision.sql
--
-- Each service has a database, a role that owns it (migrations) and an ordinary role (the application).
-- Neither service can connect to the other's database. The embedded server runs this very file.

\set ON_ERROR_STOP on
\getenv catalog_owner_password CATALOG_OWNER_PASSWORD
\getenv catalog_app_password CATALOG_APP_PASSWORD
\getenv matching_owner_password MATCHING_OWNER_PASSWORD
\getenv matching_app_password MATCHING_APP_PASSWORD
\set given :{?catalog_owner_password}:{?catalog_app_password}:{?matching_owner_password}:{?matching_app_password}
SELECT :'given' = 'TRUETRUETRUETRUE' AS all_given \gset
\if :all_given
\else
    DO 'BEGIN RAISE EXCEPTION ''a password is missing: export the four variables named above''; END';
\endif

-- roles
SELECT format('CREATE ROLE %I', role)
FROM unnest(ARRAY['catalog_owner', 'catalog_app', 'matching_owner', 'matching_app']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE catalog_owner LOGIN PASSWORD :'catalog_owner_password';
ALTER ROLE catalog_app LOGIN PASSWORD :'catalog_app_password';
ALTER ROLE matching_owner LOGIN PASSWORD :'matching_owner_password';
ALTER ROLE matching_app LOGIN PASSWORD :'matching_app_password';

-- an administrator that is no superuser (managed servers) must be a member of an owner to give it a database
SELECT format('GRANT %I TO CURRENT_USER', role)
FROM unnest(ARRAY['catalog_owner', 'matching_owner']) AS role
WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \gexec

-- databases: C order is the same on every machine, and C.UTF-8 knows letters (pg_trgm finds nothing in Chinese without)
SELECT format(
    'CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'''
    ' LC_COLLATE ''C'' LC_CTYPE ''C.UTF-8''',
    'xieshou_' || service, service || '_owner')
FROM unnest(ARRAY['catalog', 'matching']) AS service
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'xieshou_' || service) \gexec
REVOKE ALL ON DATABASE xieshou_catalog FROM PUBLIC;
REVOKE ALL ON DATABASE xieshou_matching FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE xieshou_catalog TO catalog_app;
GRANT CONNECT, TEMPORARY ON DATABASE xieshou_matching TO matching_app;

-- what the application may do with what the owner will create
\connect xieshou_catalog
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO catalog_app;
ALTER DEFAULT PRIVILEGES FOR ROLE catalog_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO catalog_app;
ALTER DEFAULT PRIVILEGES FOR ROLE catalog_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO catalog_app;

\connect xieshou_matching
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO matching_app;
ALTER DEFAULT PRIVILEGES FOR ROLE matching_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO matching_app;
ALTER DEFAULT PRIVILEGES FOR ROLE matching_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO matching_app;
