DROP TABLE organization_logos;
DROP TABLE organizations;
