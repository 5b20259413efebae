"use strict";(()=>{var t="name";function e(){try{sessionStorage.removeItem(t)}catch{}}e();})();
